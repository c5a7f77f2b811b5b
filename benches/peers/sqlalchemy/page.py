"""The page with SQLAlchemy. Its relationships load on access, or as the options of the query define."""

import contextlib
import pathlib
import sys

import sqlalchemy
from sqlalchemy import BigInteger, ForeignKey, create_engine, event, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import protocol


class Base(DeclarativeBase):
    # Otherwise keys would be sent to PostgreSQL as 32-bit integers, and the columns have 64.
    type_annotation_map = {int: BigInteger}


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    email: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    placed_on: Mapped[str]
    status: Mapped[str]
    customer: Mapped[Customer] = relationship(back_populates="orders")
    items: Mapped[list["OrderItem"]] = relationship(back_populates="order")


class OrderItem(Base):
    __tablename__ = "order_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    product: Mapped[str]
    quantity: Mapped[int]
    unit_price: Mapped[int]
    order: Mapped[Order] = relationship(back_populates="items")


if protocol.ON_SERVER:
    url = sqlalchemy.make_url(protocol.SHOP).set(drivername=f"postgresql+{protocol.DRIVER}")
else:
    url = sqlalchemy.URL.create("sqlite", database=protocol.SHOP)
engine = create_engine(url, pool_size=1, max_overflow=0)


def page(load=None):
    """Opens a new session for each page, because a used session would not load its objects again."""
    customers = select(Customer).order_by(Customer.id)
    if load:
        customers = customers.options(load(Customer.orders).options(load(Order.items)))
    with Session(engine) as session:
        found = session.scalars(customers)
        if load is joinedload:
            # A join returns a row for each item, and SQLAlchemy raises an error without `unique()`.
            found = found.unique()
        return [
            (
                customer.first_name,
                customer.last_name,
                len(customer.orders),
                sum(item.quantity * item.unit_price for order in customer.orders for item in order.items),
            )
            for customer in found
        ]


def lazy_to_one():
    """Loads the orders with their items, and each order's customer on access.

    The session sends a statement only for a customer that it does not hold yet, so there is one for each customer who
    has orders. A last statement adds the other customers to the page.
    """
    lines = {}
    with Session(engine) as session:
        orders = session.scalars(select(Order).options(selectinload(Order.items)))
        for order in orders.all():
            customer = order.customer
            spent = sum(item.quantity * item.unit_price for item in order.items)
            *_, count, total = lines.get(customer.id, (0, 0))
            lines[customer.id] = (customer.first_name, customer.last_name, count + 1, total + spent)
        for customer in session.scalars(select(Customer).where(~Customer.orders.any())):
            lines[customer.id] = (customer.first_name, customer.last_name, 0, 0)
    return [lines[key] for key in sorted(lines)]


@contextlib.contextmanager
def counting():
    statements = []

    def add(connection, cursor, statement, parameters, context, many):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", add)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", add)


# Otherwise the first page would send the statements that set up the connection.
engine.connect().close()
protocol.serve(
    "SQLAlchemy" if protocol.DRIVER == "psycopg" else f"SQLAlchemy ({protocol.DRIVER})",
    sqlalchemy.__version__,
    {
        "lazy": page,
        "lazy to-one": lazy_to_one,
        "selectinload": lambda: page(selectinload),
        "joinedload": lambda: page(joinedload),
        "subqueryload": lambda: page(subqueryload),
    },
    counting,
)
