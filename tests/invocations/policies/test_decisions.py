"""The decision table: identity , resource , account , service principal , condition , boundary , session."""

from itertools import product
from typing import Any

import pytest

from invocations.policies import Context, Layer, Policies, Policy, Question, evaluate
from invocations.values import Principal
from tests.invocations.policies.callers import ACTION, FUNCTION, OTHER, OWNER, TOPIC, a_policy, a_question, a_session, a_user

ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "lambda:Invoke*", "Resource": "*"}
DENY: dict[str, Any] = {"Effect": "Deny", "Action": "lambda:*", "Resource": FUNCTION}
ELSEWHERE: dict[str, Any] = {"Effect": "Allow", "Action": "lambda:*", "Resource": FUNCTION + "-2"}


def naming(principal: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": ACTION, "Resource": FUNCTION, **more}


def arn(text: str) -> dict[str, str]:
    return {"AWS": text}


USER, SESSION, ROOT = a_user(), a_session(), Principal.root(OWNER)
STRANGER, STRANGE_SESSION, STRANGE_ROOT = a_user(OTHER), a_session(OTHER), Principal.root(OTHER)
SNS, NOBODY = Principal.service("sns.amazonaws.com"), Principal.anonymous()
OWN_ROOT, OTHER_ROOT, ROLE = arn(f"arn:aws:iam::{OWNER}:root"), arn(f"arn:aws:iam::{OTHER}:root"), arn(f"arn:aws:iam::{OWNER}:role/worker")
FROM_TOPIC = {"ArnLike": {"AWS:SourceArn": TOPIC}, "StringEquals": {"AWS:SourceAccount": OWNER}}
FOR_SNS = naming({"Service": "sns.amazonaws.com"}, Condition=FROM_TOPIC)
IDENTITY, RESOURCE, BOUNDARY, SESSIONS, NO_LIMIT = Layer.IDENTITY, Layer.RESOURCE, Layer.BOUNDARY, Layer.SESSION, Layer.UNRESTRICTED

ROWS = [
    # caller, {layer: statement}, context -> allowed, by which layer, by a statement?
    ("nothing", USER, {}, {}, False, IDENTITY, False),
    ("identity allows", USER, {"identity": ALLOW}, {}, True, IDENTITY, True),
    ("identity allows something else", USER, {"identity": ELSEWHERE}, {}, False, IDENTITY, False),
    ("identity denies", USER, {"identity": [ALLOW, DENY]}, {}, False, IDENTITY, True),
    ("resource names the user", USER, {"resource": naming(arn(USER.arn))}, {}, True, RESOURCE, True),
    ("resource names everybody", USER, {"resource": naming("*")}, {}, True, RESOURCE, True),
    ("resource names another user", USER, {"resource": naming(arn(USER.arn + "2"))}, {}, False, IDENTITY, False),
    ("resource names the account", USER, {"resource": naming(OWN_ROOT)}, {}, False, IDENTITY, False),
    ("resource names the account, identity allows", USER, {"resource": naming(OWN_ROOT), "identity": ALLOW}, {}, True, IDENTITY, True),
    ("resource denies the account", USER, {"resource": naming(OWN_ROOT, "Deny"), "identity": ALLOW}, {}, False, RESOURCE, True),
    ("identity denies what resource allows", USER, {"resource": naming("*"), "identity": DENY}, {}, False, IDENTITY, True),
    ("boundary allows too", USER, {"identity": ALLOW, "boundary": ALLOW}, {}, True, IDENTITY, True),
    ("boundary does not", USER, {"identity": ALLOW, "boundary": ELSEWHERE}, {}, False, BOUNDARY, False),
    ("boundary alone", USER, {"boundary": ALLOW}, {}, False, IDENTITY, False),
    ("boundary denies", USER, {"identity": ALLOW, "boundary": DENY}, {}, False, BOUNDARY, True),
    (
        "a user named directly skips the boundary",
        USER,
        {"resource": naming(arn(USER.arn)), "boundary": ELSEWHERE},
        {},
        True,
        RESOURCE,
        True,
    ),
    ("but not its Deny", USER, {"resource": naming(arn(USER.arn)), "boundary": DENY}, {}, False, BOUNDARY, True),
    ("role allows", SESSION, {"identity": ALLOW}, {}, True, IDENTITY, True),
    ("role allows, session does not", SESSION, {"identity": ALLOW, "session": ELSEWHERE}, {}, False, SESSIONS, False),
    ("role and session allow", SESSION, {"identity": ALLOW, "session": ALLOW}, {}, True, IDENTITY, True),
    ("session alone", SESSION, {"session": ALLOW}, {}, False, IDENTITY, False),
    ("session denies", SESSION, {"identity": ALLOW, "session": DENY}, {}, False, SESSIONS, True),
    ("resource names the role", SESSION, {"resource": naming(ROLE)}, {}, True, RESOURCE, True),
    ("… whose boundary limits it", SESSION, {"resource": naming(ROLE), "boundary": ELSEWHERE}, {}, False, BOUNDARY, False),
    ("… whose session limits it", SESSION, {"resource": naming(ROLE), "session": ELSEWHERE}, {}, False, SESSIONS, False),
    ("resource names the session", SESSION, {"resource": naming(arn(SESSION.arn))}, {}, True, RESOURCE, True),
    (
        "… which skips boundary and session",
        SESSION,
        {"resource": naming(arn(SESSION.arn)), "boundary": ELSEWHERE, "session": ELSEWHERE},
        {},
        True,
        RESOURCE,
        True,
    ),
    ("root", ROOT, {}, {}, True, Layer.ROOT, False),
    ("root, denied by the resource", ROOT, {"resource": naming("*", "Deny")}, {}, False, RESOURCE, True),
    ("another account's user, identity alone", STRANGER, {"identity": ALLOW}, {}, False, RESOURCE, False),
    ("another account's user, resource alone", STRANGER, {"resource": naming(arn(STRANGER.arn))}, {}, False, IDENTITY, False),
    ("both", STRANGER, {"identity": ALLOW, "resource": naming(arn(STRANGER.arn))}, {}, True, RESOURCE, True),
    ("both, by account", STRANGER, {"identity": ALLOW, "resource": naming(OTHER_ROOT)}, {}, True, RESOURCE, True),
    ("both, by twelve digits", STRANGER, {"identity": ALLOW, "resource": naming(arn(OTHER))}, {}, True, RESOURCE, True),
    ("both, everybody", STRANGER, {"identity": ALLOW, "resource": naming("*")}, {}, True, RESOURCE, True),
    ("both, but the wrong account", STRANGER, {"identity": ALLOW, "resource": naming(OWN_ROOT)}, {}, False, RESOURCE, False),
    (
        "both, but a boundary",
        STRANGER,
        {"identity": ALLOW, "resource": naming(OTHER_ROOT), "boundary": ELSEWHERE},
        {},
        False,
        BOUNDARY,
        False,
    ),
    (
        "both, but a session policy",
        STRANGE_SESSION,
        {"identity": ALLOW, "resource": naming(arn(STRANGE_SESSION.arn)), "session": ELSEWHERE},
        {},
        False,
        SESSIONS,
        False,
    ),
    ("denied in the caller's account", STRANGER, {"identity": DENY, "resource": naming("*")}, {}, False, IDENTITY, True),
    ("denied in the owner's account", STRANGER, {"identity": ALLOW, "resource": naming("*", "Deny")}, {}, False, RESOURCE, True),
    ("another account's root", STRANGE_ROOT, {}, {}, False, RESOURCE, False),
    ("another account's root, named", STRANGE_ROOT, {"resource": naming(OTHER_ROOT)}, {}, True, RESOURCE, True),
    ("service", SNS, {}, {}, False, RESOURCE, False),
    ("service, named", SNS, {"resource": naming({"Service": "sns.amazonaws.com"})}, {}, True, RESOURCE, True),
    ("service, everybody named", SNS, {"resource": naming("*")}, {}, True, RESOURCE, True),
    ("another service named", SNS, {"resource": naming({"Service": "s3.amazonaws.com"})}, {}, False, RESOURCE, False),
    ("service, accounts named", SNS, {"resource": naming(OWN_ROOT)}, {}, False, RESOURCE, False),
    ("service, right source", SNS, {"resource": FOR_SNS}, {"aws:SourceArn": TOPIC, "aws:SourceAccount": OWNER}, True, RESOURCE, True),
    ("service, no source", SNS, {"resource": FOR_SNS}, {}, False, RESOURCE, False),
    (
        "service, wrong topic",
        SNS,
        {"resource": FOR_SNS},
        {"aws:SourceArn": TOPIC + "2", "aws:SourceAccount": OWNER},
        False,
        RESOURCE,
        False,
    ),
    (
        "service, wrong account",
        SNS,
        {"resource": FOR_SNS},
        {"aws:SourceArn": TOPIC, "aws:SourceAccount": OTHER},
        False,
        RESOURCE,
        False,
    ),
    ("service, denied", SNS, {"resource": [naming("*"), naming({"Service": "*"}, "Deny")]}, {}, False, RESOURCE, True),
    ("nobody in particular", NOBODY, {"resource": naming(OWN_ROOT)}, {}, False, RESOURCE, False),
    ("nobody in particular, everybody named", NOBODY, {"resource": naming("*")}, {}, True, RESOURCE, True),
    (
        "all but the user and its account",
        USER,
        {
            "identity": ALLOW,
            "resource": {**DENY, "NotPrincipal": {"AWS": [USER.arn, OWN_ROOT["AWS"]]}},
        },
        {},
        True,
        IDENTITY,
        True,
    ),
    (
        "all but the account, which spares no user",
        USER,
        {"identity": ALLOW, "resource": {**DENY, "NotPrincipal": OWN_ROOT}},
        {},
        False,
        RESOURCE,
        True,
    ),
    (
        "a condition of the identity policy holds",
        USER,
        {"identity": {**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}},
        {"aws:SourceIp": "10.1.2.3"},
        True,
        IDENTITY,
        True,
    ),
    (
        "and does not",
        USER,
        {"identity": {**ALLOW, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}},
        {"aws:SourceIp": "11.1.2.3"},
        False,
        IDENTITY,
        False,
    ),
    ("a role that does not exist here", SESSION, {"unrestricted": True}, {}, True, NO_LIMIT, False),
    ("… with a session policy", SESSION, {"unrestricted": True, "session": ELSEWHERE}, {}, False, SESSIONS, False),
    ("… denied by the resource", SESSION, {"unrestricted": True, "resource": naming("*", "Deny")}, {}, False, RESOURCE, True),
    ("… from another account", STRANGE_SESSION, {"unrestricted": True}, {}, False, RESOURCE, False),
    ("… from another account, named", STRANGE_SESSION, {"unrestricted": True, "resource": naming(OTHER_ROOT)}, {}, True, RESOURCE, True),
    ("trust names the account, identity allows", USER, {"trust": naming(OWN_ROOT), "identity": ALLOW}, {}, True, IDENTITY, True),
    ("trust names the account only", USER, {"trust": naming(OWN_ROOT)}, {}, False, IDENTITY, False),
    ("trust names the user", USER, {"trust": naming(arn(USER.arn))}, {}, True, Layer.TRUST, True),
    ("identity without trust", USER, {"trust": naming(OTHER_ROOT), "identity": ALLOW}, {}, False, Layer.TRUST, False),
]


def policies_of(layers: dict[str, Any]) -> Policies:
    def policy(layer: str) -> Policy | None:
        if layer not in layers:
            return None
        statements = layers[layer]
        return a_policy(*(statements if isinstance(statements, list) else [statements]), name=layer)

    identity, session = policy("identity"), policy("session")
    trust = policy("trust")
    return Policies(
        identity=() if identity is None else (identity,),
        boundary=policy("boundary"),
        session=None if session is None else (session,),
        resource=trust or policy("resource"),
        resource_layer=Layer.RESOURCE if trust is None else Layer.TRUST,
        resource_must_allow=trust is not None,
        is_unrestricted=layers.get("unrestricted", False),
    )


@pytest.mark.parametrize(
    ("principal", "layers", "context", "allowed", "layer", "by_a_statement"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_decision(
    principal: Principal, layers: dict[str, Any], context: dict[str, str], allowed: bool, layer: Layer, by_a_statement: bool
) -> None:
    question = Question(principal, ACTION, FUNCTION, OWNER, Context.of(context))
    verdict = evaluate(question, policies_of(layers))
    assert (verdict.allowed, verdict.layer, verdict.statement is not None) == (allowed, layer, by_a_statement)


WORDS = {"-": None, "allow": ALLOW, "elsewhere": ELSEWHERE, "deny": DENY}
NAMED = {
    "-": None,
    "directly": lambda who: naming(arn(who.arn)),
    "role": lambda who: naming(arn(who.role_arn or who.arn)),
    "account": lambda who: naming(arn(who.account_id)),
    "denied": lambda who: naming(arn(who.account_id), "Deny"),
}


@pytest.mark.parametrize("caller", [USER, SESSION, STRANGER, STRANGE_SESSION], ids=lambda caller: caller.arn)
def test_every_combination_of_layers_follows_the_rules_as_they_are_written(caller: Principal) -> None:
    """Each combination against the documentation's rules in one Boolean expression."""
    for identity, resource, boundary, session in product(WORDS, NAMED, WORDS, WORDS):
        layers: dict[str, Any] = {
            name: WORDS[word]
            for name, word in (("identity", identity), ("boundary", boundary), ("session", session))
            if WORDS[word] is not None
        }
        if NAMED[resource] is not None:
            layers["resource"] = NAMED[resource](caller)
        is_own = caller.account_id == OWNER
        is_direct = resource == "directly" or (resource == "role" and caller.role_arn is None)
        is_limited = boundary == "elsewhere" or session == "elsewhere"
        is_denied = "deny" in (identity, boundary, session) or resource == "denied"
        if is_own:
            expected = is_direct or ((identity == "allow" or resource == "role") and not is_limited)
        else:
            expected = resource in ("directly", "role", "account") and identity == "allow" and not is_limited
        verdict = evaluate(a_question(caller), policies_of(layers))
        assert verdict.allowed == (expected and not is_denied), (identity, resource, boundary, session)


@pytest.mark.parametrize(
    ("resource", "plain", "version", "other"),
    [
        (FUNCTION, True, False, False),
        (f"{FUNCTION}:1", False, True, False),
        (f"{FUNCTION}:*", False, True, False),
        (f"{FUNCTION}*", True, True, True),
        ("*", True, True, True),
    ],
)
def test_qualified_and_unqualified_arns_are_different_resources(resource: str, plain: bool, version: bool, other: bool) -> None:
    policies = policies_of({"identity": {**ALLOW, "Resource": resource}})
    asked = [a_question(resource=each) for each in (FUNCTION, f"{FUNCTION}:1", f"{FUNCTION}-2")]
    assert [evaluate(question, policies).allowed for question in asked] == [plain, version, other]


@pytest.mark.parametrize(
    ("layers", "ending"),
    [
        ({}, "because no identity-based policy allows the lambda:InvokeFunction action"),
        ({"identity": DENY}, "with an explicit deny in an identity-based policy"),
        ({"resource": naming("*", "Deny")}, "with an explicit deny in a resource-based policy"),
        ({"identity": ALLOW, "boundary": ELSEWHERE}, "because no permissions boundary allows the lambda:InvokeFunction action"),
        ({"identity": ALLOW, "boundary": DENY}, "with an explicit deny in a permissions boundary"),
        ({"identity": ALLOW, "session": ELSEWHERE}, "because no session policy allows the lambda:InvokeFunction action"),
        ({"identity": ALLOW, "session": DENY}, "with an explicit deny in a session policy"),
        ({"trust": naming(OTHER_ROOT)}, "because no role trust policy allows the lambda:InvokeFunction action"),
    ],
)
def test_a_refusal_has_awss_sentence(layers: dict[str, Any], ending: str) -> None:
    verdict = evaluate(a_question(SESSION), policies_of(layers))
    start = f"User: {SESSION.arn} is not authorized to perform: lambda:InvokeFunction on resource: {FUNCTION} "
    assert verdict.message == start + ending


def test_a_refusal_across_accounts_speaks_of_the_resources_policy() -> None:
    verdict = evaluate(a_question(STRANGER), Policies())
    assert verdict.message.endswith("because no resource-based policy allows the lambda:InvokeFunction action")


def test_each_statement_looked_at_says_what_did_not_match() -> None:
    topic = {**FOR_SNS, "Sid": "topic"}
    statements = [
        naming({"Service": "s3.amazonaws.com"}),
        naming("*") | {"Action": "lambda:GetFunction"},
        naming("*") | {"Resource": f"{FUNCTION}:1"},
        topic,
        naming("*", Condition={"StringEquals": {"aws:SourceAccount": [OWNER]}}),
    ]
    question = a_question(SNS, aws__SourceArn=TOPIC + "2", aws__SourceAccount=OWNER)
    verdict = evaluate(question, Policies(resource=a_policy(*statements)))
    found = [each.as_json() for each in verdict.examined()]
    assert [each["mismatch"] for each in found] == [
        {"element": "Principal", "operator": "", "key": "", "expected": ["s3.amazonaws.com"], "actual": ["sns.amazonaws.com"]},
        {"element": "Action", "operator": "", "key": "", "expected": ["lambda:GetFunction"], "actual": [ACTION]},
        {"element": "Resource", "operator": "", "key": "", "expected": [f"{FUNCTION}:1"], "actual": [FUNCTION]},
        {"element": "Condition", "operator": "ArnLike", "key": "AWS:SourceArn", "expected": [TOPIC], "actual": [TOPIC + "2"]},
        None,
    ]
    assert (found[3]["layer"], found[3]["sid"], found[3]["statement"]) == ("resource-based policy", "topic", topic)
    assert (verdict.allowed, verdict.statement) == (True, verdict.examined()[4].statement)
    assert verdict.reason == f"statement 5 (resource-based policy) allows {ACTION}"


def test_an_action_is_known_by_its_name_whatever_its_letters() -> None:
    policy = a_policy({"Effect": "Allow", "Action": ["LAMBDA:invoke*", "s3:Get?bject"], "Resource": "*"})
    asked = ["lambda:InvokeFunction", "lambda:GetFunction", "s3:GetObject", "s3:GetObjectAcl"]
    verdicts = [evaluate(a_question(action=action), Policies(identity=(policy,))).allowed for action in asked]
    assert verdicts == [True, False, True, False]


def test_not_action_and_not_resource_turn_round_what_they_list() -> None:
    policy = a_policy(
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "lambda:*", "NotResource": FUNCTION},
    )
    asked = [("lambda:InvokeFunction", FUNCTION), ("lambda:InvokeFunction", f"{FUNCTION}-2"), ("iam:GetRole", FUNCTION)]
    verdicts = [evaluate(a_question(action=action, resource=arn), Policies(identity=(policy,))) for action, arn in asked]
    assert [(each.allowed, each.is_explicit_deny) for each in verdicts] == [(True, False), (False, True), (False, False)]
