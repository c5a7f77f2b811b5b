"""Counts the statements of a block."""

# ANCHOR: counter
from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def count_statements(engine):
    statements = []

    def add(connection, cursor, statement, *rest):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", add)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", add)
# ANCHOR_END: counter
