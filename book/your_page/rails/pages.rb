# The page, before the fix and after it. A controller would render the rows.

require_relative "shop"

# ANCHOR: slow
def slow_page
  Customer.all.map do |customer|
    total = customer.orders.sum do |order|
      order.items.sum { |item| item.quantity * item.unit_price }
    end
    [customer.first_name, customer.last_name, customer.orders.size, total]
  end
end
# ANCHOR_END: slow

# ANCHOR: fixed
def fixed_page
  Customer.includes(orders: :items).map do |customer|
    total = customer.orders.sum do |order|
      order.items.sum { |item| item.quantity * item.unit_price }
    end
    [customer.first_name, customer.last_name, customer.orders.size, total]
  end
end
# ANCHOR_END: fixed
