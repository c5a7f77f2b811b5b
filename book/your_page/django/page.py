"""Runs one version of the page: `python page.py slow`."""

import sys

import django

django.setup()

from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop import views

page = getattr(views, f"{sys.argv[1]}_page")
with CaptureQueriesContext(connection) as statements:
    rows = page()
for row in rows:
    print(*row, sep="|")
print(len(statements), "statements")
