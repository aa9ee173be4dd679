"""The garbage collector of a process that works for long: almost nothing here is freed by it, and its looks cost more than all of that."""

import gc


def collect_seldom() -> None:
    """What stands at start-up stays; what an invocation leaves behind is freed by reference counts, hardly any by the collector."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
