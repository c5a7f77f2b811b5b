"""The page of the case study, before the fix and after it. `python page.py slow` runs one of them."""

import sys

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from shop import Customer, Order, engine


# ANCHOR: slow
def slow_page(session):
    rows = []
    customers = session.scalars(select(Customer)).all()
    for c in customers:
        order_count = len(c.orders)
        total = sum(item.quantity * item.unit_price
                    for o in c.orders for item in o.items)
        rows.append((c.first_name, c.last_name, order_count, total))
    return rows
# ANCHOR_END: slow


# ANCHOR: fixed
def fixed_page(session):
    rows = []
    customers = session.scalars(
        select(Customer).options(
            selectinload(Customer.orders).selectinload(Order.items)
        )
    ).all()
    for c in customers:
        order_count = len(c.orders)
        total = sum(item.quantity * item.unit_price
                    for o in c.orders for item in o.items)
        rows.append((c.first_name, c.last_name, order_count, total))
    return rows
# ANCHOR_END: fixed


if __name__ == "__main__":
    from counter import count_statements

    page = {"slow": slow_page, "fixed": fixed_page}[sys.argv[1]]
    with Session(engine) as session, count_statements(engine) as statements:
        rows = page(session)
    for row in rows:
        print(*row, sep="|")
    print(len(statements), "statements")
