"""What the explainer shows of one question: the sentence, the ladder, and what would change the answer."""

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from invocations.policies import Layer
from invocations.resources import grants, obstacles
from invocations.resources.grants import Grant
from playground.dashboard.api_call import ApiCall
from playground.dashboard.arns import name_of
from playground.dashboard.call_as import Form
from playground.dashboard.permissions import ladder, principals
from playground.dashboard.permissions.asked import Asked
from playground.dashboard.permissions.ladder import Rung

_AROUND = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a policy as it would be."""

    mark: str
    """ "+" for new, "-" for gone, " " for what stays."""
    text: str


@dataclass(frozen=True)
class Fix:
    """One change that would allow it."""

    number: int
    grant: Grant
    account_id: str
    endpoint_url: str

    @cached_property
    def diff(self) -> list[DiffLine]:
        """The policy, what is new marked; of what stays the lines around it."""
        before, after = (json.dumps(each, indent=2).splitlines() if each else [] for each in (self.grant.before, self.grant.after))
        lines = [DiffLine(line[0], line[2:]) for line in difflib.ndiff(before, after) if line[0] != "?"]
        changed = [number for number, line in enumerate(lines) if line.mark != " "]
        first, last = max(changed[0] - _AROUND, 0), changed[-1] + 1 + _AROUND
        cut = DiffLine("…", "")
        return [*([cut] if first else []), *lines[first:last], *([cut] if last < len(lines) else [])]

    @property
    def call(self) -> ApiCall:
        """What makes the change over the API."""
        return ApiCall(self.grant.service, self.grant.operation, dict(self.grant.members))

    @cached_property
    def forms(self) -> list[Form]:
        """The call for a shell and a program."""
        return self.call.forms(self.account_id, self.endpoint_url)


_A = {
    Layer.IDENTITY: "an identity-based policy",
    Layer.RESOURCE: "a resource-based policy",
    Layer.BOUNDARY: "the permissions boundary",
    Layer.SESSION: "a session policy",
}


class Answer:
    """The answer to a question that can be asked."""

    def __init__(self, asked: Asked, endpoint_url: str) -> None:
        self.asked = asked
        self._endpoint_url = endpoint_url
        self._verdict = asked.verdict

    @property
    def is_allowed(self) -> bool:
        """Yes or no."""
        return self._verdict.allowed

    @cached_property
    def decision(self) -> dict[str, Any]:
        """As records keep it, for this account."""
        return self._verdict.as_json(self.asked.account_id)

    @cached_property
    def rungs(self) -> list[Rung]:
        """The ladder."""
        return ladder.ladder(self.decision)

    @property
    def sentence(self) -> str:
        """Who may or may not do what, and why."""
        question = self._verdict.question
        verb = question.action.partition(":")[2]
        who, what = principals.name_of(question.principal), name_of(question.resource)
        if self.is_allowed:
            return f"{who} may {verb} {what}: {self._verdict.reason}."
        if self._verdict.is_explicit_deny:
            return f"{self._verdict.reason}, so {who} may not {verb} {what}."
        return f"no statement of {_A[self._verdict.layer]} allows {who} to {verb} {what}."

    @property
    def is_unrestricted(self) -> bool:
        """Whether it is allowed only because the role does not exist here."""
        return self._verdict.layer is Layer.UNRESTRICTED

    @property
    def aws_says(self) -> str:
        """The error's message; empty for a yes."""
        return "" if self.is_allowed else self._verdict.message

    @cached_property
    def fixes(self) -> Sequence[Fix]:
        """What would allow it, the usual way first."""
        account_id = self.asked.account_id
        found = grants.of(self._verdict, account_id) or obstacles.of(self._verdict, account_id)
        return [Fix(number, grant, account_id, self._endpoint_url) for number, grant in enumerate(found)]

    @property
    def no_fix(self) -> str:
        """Why there is none though it is refused."""
        if self.is_allowed or self.fixes:
            return ""
        if self._verdict.is_explicit_deny:
            return (
                "Another statement does not outweigh a Deny. The policy in which it stands says nothing else, or is not this account’s to "
                "change: detach it, delete it, or have its owner change it."
            )
        match self._verdict.layer:
            case Layer.BOUNDARY:
                return "The permissions boundary must allow it too, and that policy is not this account’s to change: set another boundary."
            case Layer.SESSION:
                return "The session was given a policy of its own when the role was assumed, which must allow it too."
        if self.asked.is_missing:
            return "There is no such resource in this account, so there is nothing to put a policy on."
        return "The policy to change belongs to another account, or to somebody who does not exist here."
