"""What waits in an account: one index of everything that is due on its clock, and what each of it is in words."""

from dataclasses import dataclass

from invocations import store

WORDS = {
    "sqs": "messages of queue {}",
    "events": "a retry of {}",
    "outbox": "a delivery to {}",
    "rule": "rule {}",
    "schedule": "schedule {}",
    "replay": "the replay {}",
}
"""Kind of a member of the index ("kind:rest") -> what it is; the braces stand for its rest."""


@dataclass(frozen=True, slots=True)
class Due:
    """One member of the index."""

    member: str
    at: float
    """Epoch seconds on the account's clock."""

    @property
    def what(self) -> str:
        """In words, as part of a sentence: "a retry of hello". A kind that nobody has named stands for itself."""
        kind, _, rest = self.member.partition(":")
        if kind == "outbox" and rest.startswith("arn:"):
            return f"a delivery to {' '.join(rest.split(':', 5)[2::3])}"
        if kind == "rule":
            bus, _, name = rest.rpartition("/")
            return f"rule {name} of bus {bus}" if bus else f"rule {name}"
        return WORDS[kind].format(rest) if kind in WORDS else self.member


def upcoming(account_id: str, limit: int) -> list[Due]:
    """What is due next, up to *limit*; things that are overdue come first."""
    found = store.connection().zrange(store.due_key(account_id), 0, limit - 1, withscores=True)
    return [_due(*each) for each in found]


async def upcoming_async(account_id: str, limit: int) -> list[Due]:
    """The same on a loop."""
    found = await store.async_connection().zrange(store.due_key(account_id), 0, limit - 1, withscores=True)
    return [_due(*each) for each in found]


def _due(member: bytes, score: float) -> Due:
    return Due(member.decode(), float(score))
