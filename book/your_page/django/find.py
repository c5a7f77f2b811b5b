# ANCHOR: find
import linecache
import os
import sys
from collections import Counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")  # as in manage.py
django.setup()

from django.db import connection
from django.template.base import Node
from django.test import Client

project = os.path.dirname(os.path.abspath(__file__))
places = Counter()


def place(frame, sql):
    while frame:
        file, node = frame.f_code.co_filename, frame.f_locals.get("self")
        if frame.f_code.co_name == "render_annotated" and isinstance(node, Node):
            # A line of a template.
            return f"{node.origin.template_name}:{node.token.lineno}  {node.token.contents}"
        line = linecache.getline(file, frame.f_lineno).strip()
        is_own = file.startswith(project) and "site-packages" not in file and file != __file__
        # A middleware passes every request on, so its line tells nothing.
        if is_own and "get_response(" not in line:
            return f"{os.path.relpath(file, project)}:{frame.f_lineno}  {line}"
        frame = frame.f_back
    # The loop is in a package.
    return sql.partition(" FROM ")[2]


def add_place(execute, sql, params, many, context):
    places[place(sys._getframe(1), sql)] += 1
    return execute(sql, params, many, context)


client = Client(SERVER_NAME="localhost")
with connection.execute_wrapper(add_place):
    response = client.get("/customers/")

print(f"status {response.status_code}, {sum(places.values())} statements")
for line, statements in places.most_common(5):
    print(f"{statements:6}  {line}")
# ANCHOR_END: find
