# The page with ActiveRecord. Its associations send a query on access, or hold the rows of `preload` or `eager_load`.

require "active_record"
require_relative "../protocol"

# The client library tells this name to the server. Otherwise it would be the path of this file.
$PROGRAM_NAME = "activerecord"

# `pool` is the number of connections. There is no logger, and no query cache outside of a web request.
ActiveRecord::Base.establish_connection(url: Protocol::SHOP.sub("postgres:", "postgresql:"), pool: 1)

class Customer < ActiveRecord::Base
  has_many :orders
end

class Order < ActiveRecord::Base
  belongs_to :customer
  has_many :items, class_name: "OrderItem"
end

class OrderItem < ActiveRecord::Base
  belongs_to :order
end

def page(customers)
  customers.order(:id).map do |customer|
    # `to_a` loads the orders. `size` of an unloaded association would send a `SELECT COUNT(*)` of its own.
    orders = customer.orders.to_a
    total = orders.sum { |order| order.items.sum { |item| item.quantity * item.unit_price } }
    [customer.first_name, customer.last_name, orders.size, total]
  end
end

# Loads the orders with their items, and each order's customer on access.
#
# ActiveRecord sends a statement for each order, even if another order has the same customer. A last statement adds the
# customers without orders to the page.
def lazy_to_one
  lines = {}
  Order.preload(:items).each do |order|
    customer = order.customer
    line = lines[customer.id] ||= [customer.first_name, customer.last_name, 0, 0]
    line[2] += 1
    line[3] += order.items.sum { |item| item.quantity * item.unit_price }
  end
  Customer.where.missing(:orders).each do |customer|
    lines[customer.id] = [customer.first_name, customer.last_name, 0, 0]
  end
  lines.sort.map(&:last)
end

ways = {
  "lazy" => -> { page(Customer.all) },
  "lazy to-one" => -> { lazy_to_one },
  "preload" => -> { Customer.transaction { page(Customer.preload(orders: :items)) } },
  "eager_load" => -> { page(Customer.eager_load(orders: :items)) },
}

# ActiveRecord reads the tables' columns and keys from the catalogue when it first uses them, and the search path. Otherwise
# the first page would send those statements.
[Customer, Order, OrderItem].each { |model| model.connection.schema_cache.add(model.table_name) }
ActiveRecord::Base.connection.schema_search_path

Protocol.serve("ActiveRecord", ActiveRecord.version, "pg #{PG::VERSION}", ways) do |way|
  statements = []
  add = ->(*, event) { statements << event[:sql] unless event[:name] == "SCHEMA" }
  page = ActiveSupport::Notifications.subscribed(add, "sql.active_record") { way.call }
  [page, statements]
end
