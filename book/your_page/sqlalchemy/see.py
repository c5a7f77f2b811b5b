"""Prints every statement of the slow page."""

from sqlalchemy.orm import Session

from page import slow_page
from shop import DATABASE_URL

# ANCHOR: see
from sqlalchemy import create_engine

engine = create_engine(DATABASE_URL, echo=True)
# ANCHOR_END: see

with Session(engine) as session:
    slow_page(session)
