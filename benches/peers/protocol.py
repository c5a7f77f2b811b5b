"""A peer's side of the conversation with the runner, as protocol.rs is for those in Rust. README.md has the lines."""

import gc
import platform
import sqlite3
import sys
import time
import zlib


def serve(name, version, ways, counting):
    """Answers until the input ends.

    `ways` are functions that give the page as tuples of first name, last name, number of orders and total; the objects
    are dropped when one returns. `counting` is a context manager that gives a list to which each statement is added.
    """
    # An error may quote a name in any script, and Windows has other ideas of text.
    sys.stdout.reconfigure(encoding="utf-8")
    on = f"SQLite {sqlite3.sqlite_version} and Python {platform.python_version()}"
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
    # No way pays for what another has left behind.
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
