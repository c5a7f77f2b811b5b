"""The tables of the shop."""

from django.db import models


class Customer(models.Model):
    first_name = models.TextField()
    last_name = models.TextField()
    email = models.TextField()

    class Meta:
        db_table = "customers"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
    placed_on = models.TextField()
    status = models.TextField()

    # ANCHOR: total
    def total(self):
        return sum(item.quantity * item.unit_price for item in self.items.all())
    # ANCHOR_END: total

    class Meta:
        db_table = "orders"


class OrderItem(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="items")
    product = models.TextField()
    quantity = models.BigIntegerField()
    unit_price = models.BigIntegerField()

    class Meta:
        db_table = "order_items"
