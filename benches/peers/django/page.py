"""The page with Django. Its reverse relations send a query on access, or hold the rows of `prefetch_related`."""

import contextlib
import pathlib
import sys
import urllib.parse

import django
from django.conf import settings
from django.db import connection, models, transaction

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import protocol

if protocol.ON_SERVER:
    url = urllib.parse.urlsplit(protocol.SHOP)
    shop = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": url.hostname,
        "PORT": url.port,
        "USER": url.username,
        "NAME": url.path.lstrip("/"),
    }
else:
    shop = {"ENGINE": "django.db.backends.sqlite3", "NAME": protocol.SHOP}
# `DEBUG` is off, because otherwise Django keeps every statement that it sends.
settings.configure(DATABASES={"default": shop})
django.setup()


class Customer(models.Model):
    id = models.BigAutoField(primary_key=True)
    first_name = models.TextField()
    last_name = models.TextField()
    email = models.TextField()

    class Meta:
        app_label = "shop"
        db_table = "customers"


class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
    placed_on = models.TextField()
    status = models.TextField()

    class Meta:
        app_label = "shop"
        db_table = "orders"


class OrderItem(models.Model):
    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.CASCADE, related_name="items")
    product = models.TextField()
    quantity = models.BigIntegerField()
    unit_price = models.BigIntegerField()

    class Meta:
        app_label = "shop"
        db_table = "order_items"


def page(customers):
    lines = []
    for customer in customers:
        # Read it once, because each `all()` of an unloaded relation sends a statement.
        orders = customer.orders.all()
        total = sum(item.quantity * item.unit_price for order in orders for item in order.items.all())
        lines.append((customer.first_name, customer.last_name, len(orders), total))
    return lines


def lazy():
    return page(Customer.objects.order_by("id"))


def lazy_to_one():
    """Loads the orders with their items, and each order's customer on access.

    Django sends a statement for each order, even if another order has the same customer. A last statement adds the
    customers without orders to the page.
    """
    lines = {}
    for order in Order.objects.prefetch_related("items"):
        customer = order.customer
        spent = sum(item.quantity * item.unit_price for item in order.items.all())
        *_, count, total = lines.get(customer.id, (0, 0))
        lines[customer.id] = (customer.first_name, customer.last_name, count + 1, total + spent)
    for customer in Customer.objects.exclude(id__in=Order.objects.values("customer_id")):
        lines[customer.id] = (customer.first_name, customer.last_name, 0, 0)
    return [lines[key] for key in sorted(lines)]


def prefetch_related():
    with transaction.atomic():
        return page(Customer.objects.order_by("id").prefetch_related("orders__items"))


@contextlib.contextmanager
def counting():
    statements = []

    def add(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(add):
        yield statements


# Otherwise the first page would send the statements that set up the connection.
connection.connect()
protocol.serve(
    "Django",
    django.__version__,
    {"lazy": lazy, "lazy to-one": lazy_to_one, "prefetch_related": prefetch_related},
    counting,
)
