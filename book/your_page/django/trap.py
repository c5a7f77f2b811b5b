"""A filter on a prefetched relation is a new statement."""

import django

django.setup()

from django.db import connection
from django.db.models import Prefetch
from django.test.utils import CaptureQueriesContext

from shop.models import Customer, Order

with CaptureQueriesContext(connection) as statements:
    # ANCHOR: trap
    for customer in Customer.objects.prefetch_related("orders__items"):
        paid = customer.orders.filter(status="paid")  # one statement for each customer
        count = len(paid)
    # ANCHOR_END: trap
print(len(statements), "statements: filter(status=...) in the loop")

with CaptureQueriesContext(connection) as statements:
    # ANCHOR: way_out
    paid = Prefetch("orders", Order.objects.filter(status="paid"), to_attr="paid_orders")
    for customer in Customer.objects.prefetch_related(paid):
        orders = customer.paid_orders  # a list
    # ANCHOR_END: way_out
print(len(statements), "statements: Prefetch(..., to_attr=...)")

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
