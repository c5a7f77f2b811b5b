# The test that fails if the N+1 comes back. With `PAGE=slow_page` it tests the slow page, and must fail.

require_relative "pages"

define_method(:admin_page) { send(ENV.fetch("PAGE", "fixed_page")) }

# ANCHOR: test
require "minitest/autorun"
require_relative "counter"

class AdminPageTest < Minitest::Test
  # The test database has 20 customers with 10 orders each, on average.
  # With only one customer, an N+1 sends as few statements as the fix.
  def test_the_page_sends_three_statements
    statements = count_statements { admin_page }
    assert_equal 3, statements.size, statements.last
  end
end
# ANCHOR_END: test
