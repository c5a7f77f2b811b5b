"""Sends two requests through the middleware."""

import logging
import sys

import django

django.setup()
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s: %(message)s")

from django.http import HttpResponse
from django.test import RequestFactory

from shop.middleware import StatementLimit
from shop.views import fixed_page, slow_page

for path, page in [("/fixed", fixed_page), ("/admin", slow_page)]:
    handler = StatementLimit(lambda request: HttpResponse(page()))
    handler(RequestFactory().get(path))
