# Runs one version of the page: `ruby page.rb slow`.

require_relative "counter"
require_relative "pages"

rows = nil
statements = count_statements { rows = send("#{ARGV.fetch(0)}_page") }
rows.each { |row| puts row.join("|") }
puts "#{statements.size} statements"
