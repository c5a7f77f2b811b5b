# Counts the statements of each line of the slow page.

require_relative "pages"

# In an application, this is `Rails.root.to_s`.
ROOT = __dir__

# ANCHOR: find
places = Hash.new(0)
add_place = lambda do |*, event|
  next if event[:cached] || event[:name] == "SCHEMA"
  own = caller_locations.find { |place| place.path.start_with?(ROOT) && place.path != __FILE__ }
  places["#{File.basename(own.path)}:#{own.lineno}  #{event[:name]}"] += 1 if own
end

ActiveSupport::Notifications.subscribed(add_place, "sql.active_record") { slow_page }
puts "#{places.values.sum} statements"
places.sort_by(&:last).reverse.first(5).each do |place, statements|
  puts format("%6d  %s", statements, place)
end
# ANCHOR_END: find
