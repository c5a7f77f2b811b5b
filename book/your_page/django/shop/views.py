"""The page, before the fix and after it. Both have the same template."""

from django.shortcuts import render

from shop.models import Customer


# ANCHOR: slow
def slow_page(request):
    customers = Customer.objects.all()
    return render(request, "customers.html", {"customers": customers})
# ANCHOR_END: slow


# ANCHOR: fixed
def fixed_page(request):
    customers = Customer.objects.prefetch_related("orders__items")
    return render(request, "customers.html", {"customers": customers})
# ANCHOR_END: fixed
