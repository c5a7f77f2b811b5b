"""`selectinload` sends several statements for many parents."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from counter import count_statements
from shop import Customer, Order, engine

with Session(engine) as session, count_statements(engine) as statements:
    # ANCHOR: trap
    orders = selectinload(Customer.orders, chunksize=50)
    items = orders.selectinload(Order.items, chunksize=50)
    session.scalars(select(Customer).options(items)).all()
    # ANCHOR_END: trap
print(len(statements), "statements for 20 customers with 200 orders")
