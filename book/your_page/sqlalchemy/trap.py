"""`selectinload` sends several statements for many parents."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from counter import count_statements
from shop import Customer, Order, engine

# ANCHOR: trap
orders = selectinload(Customer.orders, chunksize=50)
query = select(Customer).options(orders.selectinload(Order.items, chunksize=50))
# ANCHOR_END: trap

with Session(engine) as session, count_statements(engine) as statements:
    session.scalars(query).all()
print(len(statements), "statements for 20 customers with 200 orders")
