"""Sends a request to each version of the page through the middleware.

Also checks the other middleware, which names pages.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
django.setup()

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

from shop import views

urlpatterns = [path("fixed/", views.fixed_page), path("customers/", views.slow_page)]

with override_settings(MIDDLEWARE=["shop.middleware.StatementLimit"], ROOT_URLCONF=__name__):
    client = Client(SERVER_NAME="localhost")
    client.get("/fixed/")
    client.get("/customers/")

with override_settings(MIDDLEWARE=["shop.page_name.PageName"], ROOT_URLCONF=__name__):
    with CaptureQueriesContext(connection) as statements:
        assert Client(SERVER_NAME="localhost").get("/fixed/").status_code == 200
        # A path cannot end the comment.
        assert Client(SERVER_NAME="localhost").get("/fi*/'%27xed/").status_code == 404
    assert len(statements) == 3
    assert all(one["sql"].endswith(" /*action='/fixed/'*/") for one in statements)
