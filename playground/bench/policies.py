"""What a decision about permissions costs a warm invocation."""

import time
from typing import Any, Final

from invocations.enums import PrincipalType
from invocations.policies import Context, Policies, Policy, Question, evaluate, parse
from invocations.values import Principal

ACCOUNT: Final = "111111111111"
ACTION: Final = "lambda:InvokeFunction"
FUNCTION: Final = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"
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


def measure(seconds: float = 1.0) -> dict[str, float]:
    """Microseconds of one decision, its request context made anew each time: a user with three policies, a role's session with a
    boundary and a session policy besides, and a service that the last of five statements of the function admits."""
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
    return {
        "user_microseconds": _microseconds(lambda: decide(user, own), seconds / 3),
        "session_microseconds": _microseconds(lambda: decide(session, narrowed), seconds / 3),
        "service_microseconds": _microseconds(lambda: decide(service, by_service, **source), seconds / 3),
    }


def _microseconds(call: Any, seconds: float) -> float:
    """Processor time of one call, over as many as fit into *seconds*."""
    calls = 0
    started = time.process_time()
    while (spent := time.process_time() - started) < seconds:
        for _ in range(200):
            call()
        calls += 200
    return round(spent / calls * 1e6, 2)
