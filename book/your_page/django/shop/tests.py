"""The test that fails if the N+1 comes back. With `PAGE=slow_page` it tests the slow page, and must fail."""

# ANCHOR: test
from django.test import TestCase

from shop.models import Customer


class CustomersPageTest(TestCase):
    def test_the_page_sends_three_statements(self):
        # With only one customer, an N+1 sends as few statements as the fix.
        for _ in range(20):
            customer = Customer.objects.create(first_name="Ada", last_name="Lovelace")
            for _ in range(10):
                order = customer.orders.create(placed_on="2026-01-01", status="paid")
                order.items.create(product="tea", quantity=1, unit_price=250)
        with self.assertNumQueries(3):
            self.client.get("/customers/")
# ANCHOR_END: test
