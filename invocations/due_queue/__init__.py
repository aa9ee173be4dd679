"""Durable work that waits for its time on an account's clock, and is held under a lease of real time while it is done.

Two things are such queues: asynchronous events (event_queue.py) and what services owe to others (outbox.py). Items of one account
lie in lanes (a function's events, one target's deliveries), so that a slow lane holds up no other. Every move is one Lua
script. An item whose holder dies becomes due again when its lease ends: whoever does it may do it twice, nobody loses it.
"""

from invocations.due_queue.queue import Claimed, DueQueue, Fate, Item, Waiting, install_waker

__all__ = ["Claimed", "DueQueue", "Fate", "Item", "Waiting", "install_waker"]
