"""The peer's side of the protocol, like protocol.rs for the peers in Rust. README.md describes the lines."""

import gc
import importlib.metadata
import platform
import sqlite3
import sys
import time
import zlib


# The shop: the path of a file, or the URL of a PostgreSQL server.
SHOP = sys.argv[1]
ON_SERVER = SHOP.startswith("postgres://")
# The client library for PostgreSQL, if the runner chooses one.
DRIVER = sys.argv[2] if len(sys.argv) > 2 else "psycopg"


def serve(name, version, ways, counting):
    """Answers until the input ends.

    `ways` maps names to functions that return the page as tuples of first name, last name, number of orders and total.
    Each drops its objects when it returns. `counting` is a context manager that yields the list of statements sent.
    """
    # An error may quote a name in any script, and the default encoding on Windows is not UTF-8.
    sys.stdout.reconfigure(encoding="utf-8")
    # The package metadata has the version without importing the client library, which a file does not need.
    package = {"psycopg2": "psycopg2-binary"}.get(DRIVER, DRIVER)
    library = f"{DRIVER} {importlib.metadata.version(package)}"
    database = library if ON_SERVER else f"SQLite {sqlite3.sqlite_version}"
    on = f"{database} and Python {platform.python_version()}"
    print("ready", name, version, on, *ways, sep="\t", flush=True)
    for line in sys.stdin:
        try:
            answer = _answer(line.rstrip("\n"), ways, counting)
        except Exception as error:
            words = " ".join(str(error).split())
            answer = f"error {type(error).__name__}: {words}"
        print(answer, flush=True)


def _answer(line, ways, counting):
    verb, _, way = line.partition(" ")
    if verb not in ("time", "count") or way not in ways:
        raise ValueError(f"neither `time WAY` nor `count WAY`: {line}")
    # Collect garbage first, so that no way pays for the objects of another.
    gc.collect()
    if verb == "time":
        start = time.perf_counter()
        page = ways[way]()
        number = f"{(time.perf_counter() - start) * 1e3:.3f}"
    else:
        with counting() as statements:
            page = ways[way]()
        number = sum(statement.lstrip().upper().startswith("SELECT") for statement in statements)
    return f"ok {number} {_checksum(page)}"


def _checksum(page):
    lines = (f"{first_name}|{last_name}|{orders}|{total}\n" for first_name, last_name, orders, total in page)
    return zlib.crc32("".join(lines).encode())
