# ANCHOR: see
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")  # as in manage.py
django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

client = Client(SERVER_NAME="localhost")
with CaptureQueriesContext(connection) as statements:
    response = client.get("/customers/")

print(f"status {response.status_code}, {len(statements)} statements")
for statement in statements:
    print(statement["sql"])
# ANCHOR_END: see
