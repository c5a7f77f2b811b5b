"""Names the pages of this site for tools that read the SQL, such as `wire`."""

# ANCHOR: name
import re

from django.db import connection


class PageName:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Only characters that cannot end the comment.
        name = re.sub(r"[^A-Za-z0-9/_.-]", "_", request.path)

        def add_name(execute, sql, params, many, context):
            return execute(f"{sql} /*action='{name}'*/", params, many, context)

        with connection.execute_wrapper(add_name):
            return self.get_response(request)
# ANCHOR_END: name
