# `count` sends a statement, even if the orders are loaded.

require_relative "counter"
require_relative "shop"

statements = count_statements do
  # ANCHOR: trap
  Customer.includes(orders: :items).each do |customer|
    customer.orders.count # one statement for each customer
  end
  # ANCHOR_END: trap
end
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
