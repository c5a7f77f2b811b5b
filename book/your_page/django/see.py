"""Prints every statement of the slow page."""

import django
from django.conf import settings

# Django sends the log to standard error. Here it is part of the recorded output.
# ANCHOR: see
LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.db.backends": {"level": "DEBUG", "handlers": ["console"]}},
}
DEBUG = True
# ANCHOR_END: see

settings.LOGGING, settings.DEBUG = LOGGING, DEBUG
django.setup()

from shop.views import slow_page

slow_page()
