# Sends two requests through the middleware.

require "logger"
require_relative "pages"

# ANCHOR: guard
# Each thread counts for itself, because each serves one request at a time.
ActiveSupport::Notifications.subscribe("sql.active_record") do |*, event|
  next if event[:cached] || event[:name] == "SCHEMA"
  Thread.current[:statements] = Thread.current[:statements].to_i + 1
end

class StatementLimit
  def initialize(app, logger: Rails.logger, limit: 50)
    @app, @logger, @limit = app, logger, limit
  end

  def call(env)
    before = Thread.current[:statements].to_i
    @app.call(env)
  ensure
    statements = Thread.current[:statements].to_i - before
    if statements > @limit
      @logger.warn("#{env["REQUEST_METHOD"]} #{env["PATH_INFO"]} sent #{statements} statements")
    end
  end
end
# ANCHOR_END: guard

logger = Logger.new($stdout, formatter: ->(level, *, message) { "#{level} #{message}\n" })
{ "/fixed" => :fixed_page, "/admin" => :slow_page }.each do |path, page|
  app = ->(_) { [200, {}, [send(page).to_s]] }
  env = { "REQUEST_METHOD" => "GET", "PATH_INFO" => path }
  StatementLimit.new(app, logger: logger).call(env)
end

# ANCHOR: strict
customers = Customer.strict_loading.where(id: 1..20)
# ANCHOR_END: strict

begin
  customers.each { |customer| customer.orders.to_a }
rescue ActiveRecord::StrictLoadingViolationError => error
  puts error.message.scan(/.{1,76}(?: |$)/).map(&:rstrip)
end
