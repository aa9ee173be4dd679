import json
import os
import sys


class OutOfStock(Exception):
    """A failure of the function's own making."""


def handler(event, context):
    """Fails in the way the event asks for: each is a different error for the caller."""
    how = event.get("how", "exception")
    print(f"about to fail by {how}")
    if how == "exception":
        raise OutOfStock("nothing left of A-1")
    if how == "exit":
        sys.exit(1)
    if how == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(1024)) * 1024)
    if how == "too large":
        return "x" * (7 * 1024 * 1024)
    if how == "not JSON":
        return {json}
    return {"failed": False}
