"""The address of the page. `PAGE=fixed_page` puts the fixed page there."""

import os

from django.urls import path

from shop import views

urlpatterns = [path("customers/", getattr(views, os.environ.get("PAGE", "slow_page")))]
