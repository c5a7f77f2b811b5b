"""Counts the statements of each line of the slow page."""

from sqlalchemy.orm import Session

from page import slow_page
from shop import engine

# ANCHOR: find
import traceback
from collections import Counter

from sqlalchemy import event

places = Counter()


@event.listens_for(engine, "before_cursor_execute")
def add_place(*_):
    # Your own code is what is not in an installed package.
    own = [frame for frame in traceback.extract_stack()[:-1]
           if "site-packages" not in frame.filename]
    file = own[-1].filename.rsplit("/", 1)[-1]
    places[f"{file}:{own[-1].lineno}  {own[-1].line}"] += 1
# ANCHOR_END: find


with Session(engine) as session:
    slow_page(session)

# ANCHOR: print
print(f"{sum(places.values())} statements")
for place, statements in places.most_common(5):
    print(f"{statements:6}  {place}")
# ANCHOR_END: print
