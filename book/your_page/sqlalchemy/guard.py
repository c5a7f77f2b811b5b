"""A log line for each request that sends too many statements."""

import logging
import sys

from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session, raiseload

from page import fixed_page, slow_page
from shop import Customer, engine

logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s: %(message)s")

# ANCHOR: guard
import logging
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import event

log = logging.getLogger("statements")
sent = ContextVar("sent", default=None)


@event.listens_for(engine, "before_cursor_execute")
def add_one(*_):
    if (counter := sent.get()) is not None:
        counter[0] += 1


@contextmanager
def statement_limit(request, limit=50):
    token = sent.set([0])
    try:
        yield
    finally:
        statements = sent.get()[0]
        sent.reset(token)
        if statements > limit:
            log.warning("%s sent %d statements", request, statements)
# ANCHOR_END: guard


with statement_limit("GET /fixed"), Session(engine) as session:
    fixed_page(session)
# ANCHOR: use
with statement_limit("GET /admin"), Session(engine) as session:
    slow_page(session)
# ANCHOR_END: use

# ANCHOR: raise
query = select(Customer).options(raiseload("*"))
# ANCHOR_END: raise
with Session(engine) as session:
    try:
        session.scalars(query).first().orders
    except InvalidRequestError as error:
        print("InvalidRequestError:", error)
