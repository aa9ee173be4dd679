"""May the caller do what it asks? Every operation is asked here before it is performed.

A table by service says which action on which resource a call asks for; the evaluator answers; a no becomes the error by which
the service words it. Invoke asks on its own way, where the refusal is recorded.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from invocations import attached_policies, credentials, identities
from invocations.attached_policies import Attached
from invocations.authorize import decide
from invocations.enums import PrincipalType
from invocations.errors import AccessDeniedException, AwsError, aws_error
from invocations.identities import Identity
from invocations.policies import Verdict, refusal
from invocations.services.sqs.errors import sqs_error
from invocations.values import Principal
from playground.endpoint.permissions import identity, lambda_, messaging, others, s3
from playground.endpoint.permissions.asked import Questions
from playground.endpoint.registry import Call
from playground.endpoint.request_context import keys_of
from playground.endpoint.threads import in_thread

_QUESTIONS: Final[Mapping[str, Questions]] = {
    "lambda": lambda_.questions,
    "sqs": messaging.of_sqs,
    "sns": messaging.of_sns,
    "events": messaging.of_events,
    "scheduler": messaging.of_scheduler,
    "s3": s3.questions,
    "iam": identity.of_iam,
    "sts": identity.of_sts,
    "logs": others.of_logs,
    "kinesis": others.of_kinesis,
    "dynamodb": others.of_dynamodb,
    "dynamodbstreams": others.of_dynamodb,
    "apigateway": others.of_apigateway,
    "apigatewayv2": others.of_apigateway,
}
MESSAGE_HEADER: Final = "x-playground-encoded-authorization-message"
"""Comes with a refusal: what sts DecodeAuthorizationMessage explains. (On AWS only some services send such a message.)"""
LONGEST_MESSAGE: Final = 6000
"""A header that no client refuses; a longer decision is left out."""
_ASK_DATABASE: Final = frozenset({"iam"})
"""Services whose questions themselves need the database; so do some of Lambda's operations."""


class _NotRemembered(Exception):
    """The database has to be asked, which needs a thread."""


async def check(call: Call) -> None:
    """Raises the service's own error where the caller may not."""
    if call.principal.type is PrincipalType.AWS_ACCOUNT:
        return  # Operations that need no signature: a token in the call is the permission.
    if call.service not in _ASK_DATABASE and call.operation not in lambda_.ON_URLS:
        try:
            _check(call, _identity_remembered, _attached_remembered)
        except _NotRemembered:
            await in_thread(_check_with_database, call)
    else:
        await in_thread(_check_with_database, call)


def _check_with_database(call: Call) -> None:
    _check(call, identities.find, attached_policies.find)


def _check(call: Call, identity_of: Callable[[Principal], Identity], attached_of: Callable[[str], Attached]) -> None:
    questions = _QUESTIONS.get(call.service, others.anything)(call)
    keys = None
    for asked in questions:
        if keys is None:
            keys = keys_of(call)
        attached = attached_of(asked.policy_arn) if asked.policy_arn else None
        owner = asked.owner_account_id or (attached.owner_account_id if attached is not None else "") or call.principal.account_id
        if asked.policy_arn:
            call.owners[asked.policy_arn] = owner
        is_foreign = owner != call.principal.account_id
        if is_foreign and attached is not None and attached.exists:
            call.concerned.add(owner)
        if attached is not None and not attached.exists and asked.is_missing_told and is_foreign:
            continue  # The operation says that there is none.
        tags = {} if attached is None else {f"aws:resourcetag/{name.lower()}": value for name, value in attached.tags.items()}
        verdict = decide(
            call.principal,
            identity_of(call.principal),
            asked.action,
            asked.resource,
            owner,
            resource_policy=attached.policy if attached is not None and (asked.is_policy_shared or not is_foreign) else None,
            keys={**keys, **tags, **asked.keys},
        )
        if not verdict.allowed:
            error = _error(call, verdict, is_foreign=is_foreign)
            if owner in call.concerned:
                error.detail["decision_for"] = {owner: verdict.as_json(owner)}
            raise error


def _identity_remembered(principal: Principal) -> Identity:
    found = identities.remembered(principal)
    if found is None:
        raise _NotRemembered
    return found


def _attached_remembered(arn: str) -> Attached:
    found = attached_policies.remembered(arn)
    if found is None:
        raise _NotRemembered
    return found


def _error(call: Call, verdict: Verdict, *, is_foreign: bool) -> AwsError:
    """The refusal as the service words it; the whole decision goes with it for those who ask (DecodeAuthorizationMessage)."""
    error = _worded(call, verdict, is_foreign)
    error.detail = {"decision": verdict.as_json(call.principal.account_id)}
    message = encoded(call.principal.account_id, error.detail["decision"])
    if len(message) <= LONGEST_MESSAGE:
        error.headers[MESSAGE_HEADER] = message
    return error


def encoded(account_id: str, decision: Mapping[str, Any]) -> str:
    """A decision in the form that AWS decodes, sealed for principals of the account."""
    statements = decision["statements"]
    message = {
        "allowed": decision["allowed"],
        "explicitDeny": decision["explicit_deny"],
        "matchedStatements": {"items": [each for each in statements if each["applies"]]},
        "failures": {"items": [each for each in statements if not each["applies"]]},
        "context": {
            "principal": {"arn": decision["principal"]},
            "action": decision["action"],
            "resource": decision["resource"],
            "conditions": {"items": [{"key": key, "values": value} for key, value in sorted(decision["context"].items())]},
        },
    }
    return credentials.seal_message(account_id, json.dumps(message))


def _worded(call: Call, verdict: Verdict, is_foreign: bool) -> AwsError:
    service, name = verdict.question.action.split(":", 1)
    match call.service:
        case "lambda":
            return AccessDeniedException(verdict.message)
        case "sqs":
            return sqs_error("AccessDeniedException", _sentence(verdict, f"sqs:{name.lower()}"), 403)
        case "sns":
            return aws_error("AuthorizationError", _sentence(verdict, f"SNS:{name}" if service == "sns" else None), 403)
        case "s3":
            message = "Access Denied" if is_foreign else _sentence(verdict, resource=f'"{verdict.question.resource}"')
            return aws_error("AccessDenied", message, 403)
        case "iam" | "sts" | "cloudwatch":
            return aws_error("AccessDenied", verdict.message, 403)
    return aws_error("AccessDeniedException", verdict.message, 403)


def _sentence(verdict: Verdict, action: str | None = None, resource: str | None = None) -> str:
    question = verdict.question
    return refusal(
        question.principal,
        action or question.action,
        resource or question.resource,
        str(verdict.layer),
        is_explicit=verdict.is_explicit_deny,
    )
