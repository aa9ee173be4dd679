import sys
import time


def handler(event, context):
    """Takes an order. "behave" in the event makes it do otherwise: throw, timeout, exit or slow."""
    order = event.get("order")
    behave = event.get("behave", "ok")
    print(f"order {order}: {behave}")
    if behave == "throw":
        raise ValueError(f"order {order} cannot be taken")
    if behave == "timeout":
        time.sleep(60)
    if behave == "exit":
        sys.exit(3)
    if behave == "slow":
        time.sleep(1.5)
    return {"order": order, "accepted": True}
