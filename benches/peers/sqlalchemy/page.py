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
    url = sqlalchemy.make_url(protocol.SHOP).set(drivername="postgresql+psycopg")
else:
    url = sqlalchemy.URL.create("sqlite", database=protocol.SHOP)
engine = create_engine(url)


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


protocol.serve(
    "SQLAlchemy",
    sqlalchemy.__version__,
    {
        "lazy": page,
        "selectinload": lambda: page(selectinload),
        "joinedload": lambda: page(joinedload),
        "subqueryload": lambda: page(subqueryload),
    },
    counting,
)
