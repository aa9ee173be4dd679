"""What a decision about permissions costs a warm invocation."""

import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final

from invocations import identities
from invocations.authorize import INVOKE_FUNCTION, explanation, may_invoke
from invocations.catalogue import FunctionSnapshot
from invocations.enums import PrincipalType
from invocations.identities import Identity
from invocations.policies import Context, Policies, Policy, Question, Verdict, evaluate, parse
from invocations.values import Principal

ACCOUNT: Final = "111111111111"
ACTION: Final = "lambda:InvokeFunction"
FUNCTION: Final = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"
URL_ACTIONS: Final = ("lambda:InvokeFunctionUrl", ACTION)
TOPIC: Final = f"arn:aws:sns:us-east-1:{ACCOUNT}:orders"


def _policy(*statements: dict[str, Any]) -> Policy:
    return parse({"Version": "2012-10-17", "Statement": list(statements)})


IDENTITY: Final = (
    _policy({"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}),
    _policy({"Effect": "Allow", "Action": ["sqs:*", "sns:Publish"], "Resource": f"arn:aws:*:us-east-1:{ACCOUNT}:*"}),
    _policy(
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1/128"]}}},
        {"Effect": "Allow", "Action": ["lambda:Invoke*", "lambda:Get*"], "Resource": f"arn:aws:lambda:*:{ACCOUNT}:function:*"},
    ),
)
RESOURCE: Final = _policy(
    *(
        {
            "Sid": f"topic-{number}",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": ACTION,
            "Resource": FUNCTION,
            "Condition": {"ArnLike": {"AWS:SourceArn": f"{TOPIC}-{number}"}},
        }
        for number in range(5)
    )
)


OPEN: Final = _policy(
    {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "lambda:InvokeFunctionUrl",
        "Resource": FUNCTION,
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
    },
    {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ACTION,
        "Resource": FUNCTION,
        "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
    },
)


def measure(seconds: float = 1.0) -> dict[str, float]:
    """Microseconds of one decision, its request context made anew each time: a user with three policies, a role's session with a
    boundary and a session policy besides, and a service that the last of five statements of the function admits. Then of all that an
    invocation adds for permissions, as invoke has it, what the step keeps included: of the same user, of an open URL's call,
    which asks two questions, and of the user's call of a URL."""
    user = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada", PrincipalType.IAM_USER)
    session = Principal(
        ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", PrincipalType.ASSUMED_ROLE, role_arn=f"arn:aws:iam::{ACCOUNT}:role/r"
    )
    own = Policies(identity=IDENTITY, resource=RESOURCE)
    narrowed = Policies(identity=IDENTITY, resource=RESOURCE, boundary=IDENTITY[2], session=(IDENTITY[2],))
    base = Context.of({"aws:PrincipalArn": user.arn, "aws:PrincipalAccount": ACCOUNT, "aws:username": "ada"})

    def decide(principal: Principal, policies: Policies, **keys: str) -> None:
        context = Context({"aws:sourceip": "127.0.0.1", "aws:requestedregion": "us-east-1", **keys}, base, time.time())
        assert evaluate(Question(principal, ACTION, FUNCTION, ACCOUNT, context), policies).allowed

    source = {"aws:sourcearn": f"{TOPIC}-4", "aws:sourceaccount": ACCOUNT}
    service, by_service = Principal.service("sns.amazonaws.com"), Policies(resource=RESOURCE)
    anybody = Principal.anonymous()
    identities.remember(user, Identity(IDENTITY, None, None, base))
    identities.remember(anybody, Identity((), None, None, Context({})))
    http = {"aws:sourceip": "127.0.0.1", "aws:useragent": "curl/8", "aws:requestedregion": "us-east-1", "aws:securetransport": "false"}
    via_url = {**http, "lambda:functionurlauthtype": "NONE", "lambda:invokedviafunctionurl": "true"}
    signed = {**via_url, "lambda:functionurlauthtype": "AWS_IAM"}
    return {
        "user_microseconds": _microseconds(lambda: decide(user, own), seconds / 3),
        "session_microseconds": _microseconds(lambda: decide(session, narrowed), seconds / 3),
        "service_microseconds": _microseconds(lambda: decide(service, by_service, **source), seconds / 3),
        "invoke_path_microseconds": _microseconds(lambda: _path(user, RESOURCE, http), seconds / 3),
        "url_path_microseconds": _microseconds(lambda: _path(anybody, OPEN, via_url, URL_ACTIONS), seconds / 3),
        "signed_url_path_microseconds": _microseconds(lambda: _path(user, RESOURCE, signed, URL_ACTIONS), seconds / 3),
    }


def _path(principal: Principal, policy: Policy, keys: Mapping[str, str], actions: Sequence[str] = (INVOKE_FUNCTION,)) -> None:
    function = FunctionSnapshot(ACCOUNT, "orders", FUNCTION, None, "Terminate", {}, {}, {}, policies={"": policy})
    verdicts = [_done(may_invoke(principal, ACCOUNT, "orders", None, function, action=action, keys=keys)) for action in actions]
    assert all(verdict.allowed for verdict in verdicts)
    explanation(*verdicts)


def _done(work: Coroutine[Any, Any, Verdict]) -> Verdict:
    """The answer of a coroutine that waits for nothing: everything is remembered."""
    try:
        work.send(None)
    except StopIteration as answer:
        verdict: Verdict = answer.value
        return verdict
    raise AssertionError("the database was asked")


def _microseconds(call: Any, seconds: float) -> float:
    """Processor time of one call, over as many as fit into *seconds*."""
    calls = 0
    started = time.process_time()
    while (spent := time.process_time() - started) < seconds:
        for _ in range(200):
            call()
        calls += 200
    return round(spent / calls * 1e6, 2)
