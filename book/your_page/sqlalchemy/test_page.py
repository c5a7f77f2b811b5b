"""The test that fails if the N+1 comes back. With `PAGE=slow_page` it tests the slow page, and must fail."""

import os

import page

admin_page = getattr(page, os.environ.get("PAGE", "fixed_page"))

# ANCHOR: test
import unittest

from sqlalchemy.orm import Session

from counter import count_statements
from shop import engine


class AdminPageTest(unittest.TestCase):
    # The test database has 20 customers with 10 orders each, on average.
    # With only one customer, an N+1 sends as few statements as the fix.
    def test_the_page_sends_three_statements(self):
        with Session(engine) as session, count_statements(engine) as statements:
            admin_page(session)
        self.assertEqual(len(statements), 3, statements[-1])
# ANCHOR_END: test


if __name__ == "__main__":
    unittest.main()
