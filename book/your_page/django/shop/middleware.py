"""A log line for each request that sends too many statements."""

# ANCHOR: guard
import logging

from django.db import connection

log = logging.getLogger("statements")


class StatementLimit:
    def __init__(self, get_response, limit=50):
        self.get_response = get_response
        self.limit = limit

    def __call__(self, request):
        statements = 0

        def add_one(execute, sql, params, many, context):
            nonlocal statements
            statements += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(add_one):
            response = self.get_response(request)
        if statements > self.limit:
            log.warning("%s %s sent %d statements", request.method, request.path, statements)
        return response
# ANCHOR_END: guard
