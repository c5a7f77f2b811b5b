"""Counts the statements of each line of the slow page."""

import django

django.setup()

from shop.views import slow_page

# ANCHOR: find
import traceback
from collections import Counter

from django.db import connection

places = Counter()


def add_place(execute, sql, params, many, context):
    # Your own code is what is not in an installed package.
    own = [frame for frame in traceback.extract_stack()[:-1]
           if "site-packages" not in frame.filename]
    file = own[-1].filename.rsplit("/", 1)[-1]
    places[f"{file}:{own[-1].lineno}  {own[-1].line}"] += 1
    return execute(sql, params, many, context)


with connection.execute_wrapper(add_place):
    slow_page()
for place, statements in places.most_common(5):
    print(f"{statements:6}  {place}")
# ANCHOR_END: find
