"""Targets as people type them: an ARN, or what it is and its name."""

from typing import Final

from invocations.arn import function_arn
from invocations.region import REGION

HELP: Final = "An ARN, or: function hello, queue orders, topic news, bus default."
_NOUNS: Final = {
    "queue": "arn:aws:sqs:{region}:{account}:{name}",
    "topic": "arn:aws:sns:{region}:{account}:{name}",
    "bus": "arn:aws:events:{region}:{account}:event-bus/{name}",
}


def arn_of(account_id: str, typed: str) -> str:
    """The ARN that is meant; what is none of the account's resources comes back as it is."""
    noun, _, name = typed.strip().partition(" ")
    name = name.strip()
    if noun == "function" and name:
        function, _, qualifier = name.partition(":")
        return function_arn(account_id, REGION, function, qualifier or None)
    if noun in _NOUNS and name:
        return _NOUNS[noun].format(region=REGION, account=account_id, name=name)
    return typed.strip()
