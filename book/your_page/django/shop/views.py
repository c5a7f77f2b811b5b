"""The page, before the fix and after it. A view would render the rows."""

from shop.models import Customer


# ANCHOR: slow
def slow_page():
    rows = []
    for customer in Customer.objects.all():
        orders = customer.orders.all()
        total = sum(item.quantity * item.unit_price
                    for order in orders for item in order.items.all())
        rows.append((customer.first_name, customer.last_name, len(orders), total))
    return rows
# ANCHOR_END: slow


# ANCHOR: fixed
def fixed_page():
    rows = []
    for customer in Customer.objects.prefetch_related("orders__items"):
        orders = customer.orders.all()
        total = sum(item.quantity * item.unit_price
                    for order in orders for item in order.items.all())
        rows.append((customer.first_name, customer.last_name, len(orders), total))
    return rows
# ANCHOR_END: fixed
