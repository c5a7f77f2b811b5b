"""A filter on a prefetched relation is a new statement."""

import django

django.setup()

from django.db import connection
from django.db.models import Prefetch
from django.test.utils import CaptureQueriesContext

from shop.models import Customer, Order


# ANCHOR: trap
def paid_orders():
    for customer in Customer.objects.prefetch_related("orders__items"):
        # One statement for each customer.
        paid = customer.orders.filter(status="paid")
        yield len(paid)
# ANCHOR_END: trap


# ANCHOR: way_out
def paid_orders_prefetched():
    paid = Prefetch("orders", Order.objects.filter(status="paid"), to_attr="paid")
    for customer in Customer.objects.prefetch_related(paid):
        # A list.
        yield len(customer.paid)
# ANCHOR_END: way_out


with CaptureQueriesContext(connection) as statements:
    slow = list(paid_orders())
print(len(statements), "statements: filter(status=...) in the loop")
with CaptureQueriesContext(connection) as statements:
    fast = list(paid_orders_prefetched())
print(len(statements), "statements: Prefetch(..., to_attr=...)")
assert slow == fast

methods = {
    "count()": lambda orders: orders.count(),
    "exists()": lambda orders: orders.exists(),
    "first()": lambda orders: orders.first(),
    'order_by("id")': lambda orders: list(orders.order_by("id")),
}
for name, method in methods.items():
    with CaptureQueriesContext(connection) as statements:
        for customer in Customer.objects.prefetch_related("orders"):
            method(customer.orders)
    print(len(statements), f"statements: {name} in the loop")
