"""Recursive loop detection: how often each function has run in one chain, told in the trace header that travels along it.

The header is X-Amzn-Trace-Id; its part `Lineage=a87bd80c:1|68fd508a:5` has a hash and a number of runs for each function of the
chain (Developer Guide, "Use Lambda recursive loop detection"). AWS documents neither the part nor its hash; the hash here is ours.
"""

import zlib
from functools import lru_cache
from typing import Final

from invocations.errors import RecursiveInvocationException

MOST_RUNS: Final = 16
"""Runs of one function in one chain; the next one is stopped."""
MOST_FUNCTIONS: Final = 32
"""Functions that a header tells of: those that ran last."""
ALLOW: Final = "Allow"
_PART: Final = "Lineage="
_MESSAGE: Final = (
    "Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped your function's invocation."
)


def enter(trace_id: str, function_arn: str, recursive_loop: str) -> str:
    """The header that the function is to receive. Raises RecursiveInvocationException for a run too many.

    *function_arn* is unqualified, *recursive_loop* the function's "Allow" or "Terminate".
    """
    entered_id, runs = entered(trace_id, function_arn)
    if is_loop(runs, recursive_loop):
        raise RecursiveInvocationException(_MESSAGE)
    return entered_id


def entered(trace_id: str, function_arn: str) -> tuple[str, int]:
    """The header with one more run of the function in it, and how many those are now.

    Whoever tries an event several times gives the header with which the event came each time: a retry is no longer chain.
    """
    own = _hash(function_arn)
    before, found, rest = trace_id.partition(_PART)
    if not found:
        return f"{trace_id};{_PART}{own}:1", 1
    lineage, separator, after = rest.partition(";")
    runs = _read(lineage)
    count = runs.pop(own, 0) + 1
    told = [*[*runs.items()][1 - MOST_FUNCTIONS :], (own, count)]
    return f"{before}{_PART}{'|'.join(f'{name}:{number}' for name, number in told)}{separator}{after}", count


def is_loop(runs: int, recursive_loop: str) -> bool:
    """Whether the run of that number in its chain is to be stopped."""
    return runs > MOST_RUNS and recursive_loop != ALLOW


def decoded(header: str) -> str:
    """A header as it was before botocore sent it: it escapes the bars."""
    return header.replace("%7C", "|").replace("%7c", "|")


def _read(lineage: str) -> dict[str, int]:
    """Hash -> runs, in the order of the header. What is not of our form says nothing."""
    runs = {}
    for item in decoded(lineage).split("|"):
        name, _, number = item.partition(":")
        if name and number.isascii() and number.isdigit() and len(number) < 10:
            runs[name] = int(number)
    return runs


@lru_cache(maxsize=4096)
def _hash(function_arn: str) -> str:
    return f"{zlib.crc32(function_arn.encode()):08x}"
