# `count` sends a statement, even if the orders are loaded.

require_relative "counter"
require_relative "shop"

# ANCHOR: trap
def count_orders
  Customer.includes(orders: :items).map do |customer|
    customer.orders.count # one statement for each customer
  end
end
# ANCHOR_END: trap

statements = count_statements { count_orders }
puts "#{statements.size} statements: orders.count"

%i[size length].each do |method|
  statements = count_statements do
    Customer.includes(orders: :items).each { |customer| customer.orders.public_send(method) }
  end
  puts "#{statements.size} statements: orders.#{method}"
end

statements = count_statements do
  Customer.includes(orders: :items).each { |customer| customer.orders.where(status: "paid").to_a }
end
puts "#{statements.size} statements: orders.where(status: \"paid\")"
