# Prints every statement of the slow page.

require_relative "pages"

# ANCHOR: see
ActiveRecord::Base.logger = Logger.new($stdout)
ActiveRecord::Base.verbose_query_logs = true
# ANCHOR_END: see

# Rails sets these two: what is not in a gem is your own code, and a line of the log is its message.
ActiveRecord::LogSubscriber.backtrace_cleaner = ActiveSupport::BacktraceCleaner.new.tap do |cleaner|
  cleaner.add_filter { |line| line.delete_prefix("#{__dir__}/") }
  cleaner.add_silencer { |line| line.start_with?("/", "<") }
end
ActiveRecord::Base.logger.formatter = ->(*, message) { "#{message.strip.gsub(/\e\[\d*m/, "")}\n" }

slow_page
