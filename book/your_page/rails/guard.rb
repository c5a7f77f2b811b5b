# Sends two requests through the middleware.

require "logger"
require_relative "pages"

# ANCHOR: guard
class StatementLimit
  def initialize(app, logger: Rails.logger, limit: 50)
    @app, @logger, @limit = app, logger, limit
  end

  def call(env)
    statements = 0
    add_one = lambda do |*, event|
      statements += 1 unless event[:cached] || event[:name] == "SCHEMA"
    end
    ActiveSupport::Notifications.subscribed(add_one, "sql.active_record") { @app.call(env) }
  ensure
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
