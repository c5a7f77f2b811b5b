"""The page written by hand with Python's sqlite3, or with psycopg. It shows how much of an ORM's time is the language."""

import contextlib
import dataclasses
import json
import pathlib
import platform
import sqlite3
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import protocol


@dataclasses.dataclass(slots=True)
class Customer:
    id: int
    first_name: str
    last_name: str
    email: str
    orders: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(slots=True)
class Order:
    id: int
    customer_id: int
    placed_on: str
    status: str
    items: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(slots=True)
class OrderItem:
    id: int
    order_id: int
    product: str
    quantity: int
    unit_price: int


# The code below begins and ends its transactions itself.
if protocol.ON_SERVER:
    import psycopg

    sent = []

    class Cursor(psycopg.Cursor):
        """Records the statements, because psycopg has no hook."""

        def execute(self, query, *arguments, **options):
            sent.append(query)
            return super().execute(query, *arguments, **options)

    database = psycopg.connect(protocol.SHOP, autocommit=True, cursor_factory=Cursor)
    LISTED, bound = "= ANY(%s)", list
else:
    database = sqlite3.connect(protocol.SHOP, isolation_level=None)
    LISTED = "IN (SELECT value FROM json_each(?))"

    def bound(keys):
        return json.dumps(list(keys))


def by_list():
    """Loads each level with one bound list, and groups it in a dictionary."""
    database.execute("BEGIN")
    customers = database.execute("SELECT id, first_name, last_name, email FROM customers ORDER BY id")
    customers = {row[0]: Customer(*row) for row in customers}
    orders = database.execute(
        f"SELECT id, customer_id, placed_on, status FROM orders WHERE customer_id {LISTED}",
        [bound(customers)],
    )
    orders = {row[0]: Order(*row) for row in orders}
    items = database.execute(
        f"SELECT id, order_id, product, quantity, unit_price FROM order_items WHERE order_id {LISTED}",
        [bound(orders)],
    )
    for row in items:
        item = OrderItem(*row)
        orders[item.order_id].items.append(item)
    database.execute("COMMIT")
    for order in orders.values():
        customers[order.customer_id].orders.append(order)
    return [
        (
            customer.first_name,
            customer.last_name,
            len(customer.orders),
            sum(item.quantity * item.unit_price for order in customer.orders for item in order.items),
        )
        for customer in customers.values()
    ]


@contextlib.contextmanager
def counting():
    if protocol.ON_SERVER:
        sent.clear()
        yield sent
        return
    statements = []
    database.set_trace_callback(statements.append)
    try:
        yield statements
    finally:
        database.set_trace_callback(None)


way = "any" if protocol.ON_SERVER else "in"
protocol.serve("by hand, Python", platform.python_version(), {way: by_list}, counting)
