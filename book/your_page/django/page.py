"""Opens one version of the page, and prints its rows: `python page.py slow`."""

import html
import os
import re
import sys

import django

os.environ["PAGE"] = f"{sys.argv[1]}_page"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

with CaptureQueriesContext(connection) as statements:
    response = Client(SERVER_NAME="localhost").get("/customers/")
for row in response.content.decode().split("<tr>")[1:]:
    first_name, last_name, *totals = map(html.unescape, re.findall("<td>(.*?)</td>", row))
    print(first_name, last_name, len(totals), sum(map(int, totals)), sep="|")
print(len(statements), "statements")
