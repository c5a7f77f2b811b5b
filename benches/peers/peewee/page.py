"""The page with peewee. Its back-references send a query on access, or hold the rows of `prefetch`."""

import contextlib
import pathlib
import sys

import peewee
from peewee import AutoField, ForeignKeyField, IntegerField, Model, SqliteDatabase, TextField, prefetch

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import protocol

database = SqliteDatabase(protocol.SHOP)


class Customer(Model):
    id = AutoField()
    first_name = TextField()
    last_name = TextField()
    email = TextField()

    class Meta:
        database = database
        table_name = "customers"


class Order(Model):
    id = AutoField()
    customer = ForeignKeyField(Customer, backref="orders", column_name="customer_id")
    placed_on = TextField()
    status = TextField()

    class Meta:
        database = database
        table_name = "orders"


class OrderItem(Model):
    id = AutoField()
    order = ForeignKeyField(Order, backref="items", column_name="order_id")
    product = TextField()
    quantity = IntegerField()
    unit_price = IntegerField()

    class Meta:
        database = database
        table_name = "order_items"


def page(customers):
    lines = []
    for customer in customers:
        # Read it once, because each use of an unloaded back-reference sends a statement.
        orders = customer.orders
        total = sum(item.quantity * item.unit_price for order in orders for item in order.items)
        lines.append((customer.first_name, customer.last_name, len(orders), total))
    return lines


def lazy():
    return page(Customer.select().order_by(Customer.id))


def by_prefetch():
    with database.atomic():
        return page(prefetch(Customer.select().order_by(Customer.id), Order.select(), OrderItem.select()))


@contextlib.contextmanager
def counting():
    """Collects the statements from SQLite's own trace, because peewee has a log but no hook."""
    statements = []
    database.connection().set_trace_callback(statements.append)
    try:
        yield statements
    finally:
        database.connection().set_trace_callback(None)


database.connect()
protocol.serve(
    "peewee",
    peewee.__version__,
    {"lazy": lazy, "prefetch": by_prefetch},
    counting,
)
