"""The page with peewee. Its back-references send a query on access, or hold the rows of `prefetch`."""

import contextlib
import logging
import pathlib
import sys

import peewee
from peewee import (
    BigAutoField,
    BigIntegerField,
    ForeignKeyField,
    Model,
    PostgresqlDatabase,
    SqliteDatabase,
    TextField,
    prefetch,
)

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import protocol

database = PostgresqlDatabase(protocol.SHOP.replace("postgres:", "postgresql:", 1)) if protocol.ON_SERVER else SqliteDatabase(protocol.SHOP)


class Customer(Model):
    id = BigAutoField()
    first_name = TextField()
    last_name = TextField()
    email = TextField()

    class Meta:
        database = database
        table_name = "customers"


class Order(Model):
    id = BigAutoField()
    customer = ForeignKeyField(Customer, backref="orders", column_name="customer_id")
    placed_on = TextField()
    status = TextField()

    class Meta:
        database = database
        table_name = "orders"


class OrderItem(Model):
    id = BigAutoField()
    order = ForeignKeyField(Order, backref="items", column_name="order_id")
    product = TextField()
    quantity = BigIntegerField()
    unit_price = BigIntegerField()

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
    """Collects the statements from peewee's log, its only hook. The log is off otherwise."""
    statements = []
    handler = logging.Handler()
    handler.emit = lambda record: statements.append(record.msg[0])
    logger = logging.getLogger("peewee")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield statements
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(handler)


database.connect()
protocol.serve(
    "peewee",
    peewee.__version__,
    {"lazy": lazy, "prefetch": by_prefetch},
    counting,
)
