# Counts the statements of a block.

# ANCHOR: counter
def count_statements
  statements = []
  add = lambda do |*, event|
    statements << event[:sql] unless event[:cached] || event[:name] == "SCHEMA"
  end
  ActiveSupport::Notifications.subscribed(add, "sql.active_record") { yield }
  statements
end
# ANCHOR_END: counter
