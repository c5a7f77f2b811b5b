# The tables of the shop, and the connection.

require "active_record"

# The client library tells this name to the server.
$PROGRAM_NAME = "shop"
$stdout.set_encoding(Encoding::UTF_8)
ActiveRecord::Base.establish_connection(ENV.fetch("DATABASE_URL"))

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
