"""A filter on a prefetched relation is a new statement."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
django.setup()

from django.core.exceptions import FieldError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.models import Customer, Order


# ANCHOR: trap
def delivered_totals():
    for customer in Customer.objects.prefetch_related("orders__items"):
        # One statement for each customer, and then one for each of these orders.
        delivered = customer.orders.filter(status="delivered")
        yield sum(order.total() for order in delivered)
# ANCHOR_END: trap


# ANCHOR: way_out
from django.db.models import Prefetch


def delivered_totals_prefetched():
    delivered = Order.objects.filter(status="delivered").prefetch_related("items")
    prefetch = Prefetch("orders", delivered, to_attr="delivered_orders")
    for customer in Customer.objects.prefetch_related(prefetch):
        # A list.
        yield sum(order.total() for order in customer.delivered_orders)
# ANCHOR_END: way_out


def delivered_totals_without_items():
    delivered = Order.objects.filter(status="delivered")
    prefetch = Prefetch("orders", delivered, to_attr="delivered_orders")
    for customer in Customer.objects.prefetch_related(prefetch):
        yield sum(order.total() for order in customer.delivered_orders)


totals = []
for name, method in {
    'filter(status="delivered") in the loop': delivered_totals,
    "Prefetch with the items": delivered_totals_prefetched,
    "Prefetch without the items": delivered_totals_without_items,
}.items():
    with CaptureQueriesContext(connection) as statements:
        totals.append(list(method()))
    print(len(statements), f"statements: {name}")
assert totals[0] == totals[1] == totals[2] and any(totals[0])


def count(name, method):
    with CaptureQueriesContext(connection) as statements:
        for customer in Customer.objects.prefetch_related("orders"):
            method(customer.orders)
    print(len(statements), f"statements: {name}")


count("count()", lambda orders: orders.count())
count("exists()", lambda orders: orders.exists())
count("all()[0]", lambda orders: orders.all() and orders.all()[0])
count('order_by("id")', lambda orders: list(orders.order_by("id")))
count("last()", lambda orders: orders.last())
count("first()", lambda orders: orders.first())
Order._meta.ordering = ["id"]
count("first(), if the model has Meta.ordering", lambda orders: orders.first())
Order._meta.ordering = []

# What the page says about foreign keys.
with CaptureQueriesContext(connection) as statements:
    for order in Order.objects.select_related("customer").prefetch_related("items"):
        assert order.customer.first_name and order.total() >= 0
    for customer in Customer.objects.prefetch_related("orders__customer"):
        assert all(order.customer.first_name for order in customer.orders.all())
assert len(statements) <= 5
try:
    list(Customer.objects.select_related("orders__customer"))
    raise AssertionError("a path through a collection was accepted")
except FieldError:
    pass
