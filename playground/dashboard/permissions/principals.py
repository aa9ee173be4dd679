"""Who can be asked about, or acted as: by the texts that pages and addresses have for them."""

import re
from typing import Final

from invocations.arn import root_arn
from invocations.authorize import role_session
from invocations.enums import PrincipalType
from invocations.models import Function, Role, User
from invocations.values import Principal

EVERYBODY: Final = "*"
SERVICES: Final = (
    "sns.amazonaws.com",
    "events.amazonaws.com",
    "s3.amazonaws.com",
    "apigateway.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "cognito-idp.amazonaws.com",
    "logs.amazonaws.com",
    "iot.amazonaws.com",
    "ses.amazonaws.com",
    "config.amazonaws.com",
)
"""Services that invoke functions by the functions' own policies."""
SESSION_NAME: Final = "playground"
_MOST: Final = 200
_SERVICE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com)")
_IAM: Final = re.compile(r"arn:aws:iam::(\d{12}):(root|(user|role)/[\w+=,.@/-]+)")
_SESSION: Final = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([\w+=,.@-]+)/([\w+=,.@-]+)")


def read(text: str) -> Principal | None:
    """Whom a text means: an ARN of IAM or STS, an account, a service, or "*"; None for nobody.

    A role stands for a session of it; a session's role is found by its name where it exists here.
    """
    if text in (EVERYBODY, "anonymous"):
        return Principal.anonymous()
    if re.fullmatch(r"\d{12}", text):
        return Principal.root(text)
    if _SERVICE.fullmatch(text):
        return Principal.service(text)
    if session := _SESSION.fullmatch(text):
        return role_session(session[1], _role_arn(session[1], session[2]), session[3])
    found = _IAM.fullmatch(text)
    if found is None:
        return None
    match found[3]:
        case "user":
            return _user(found[1], text)
        case "role":
            return role_session(found[1], text, SESSION_NAME)
    return Principal.root(found[1])


def choices(account_id: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, (text, label)) of the account's own principals, and of services."""
    users = [(each.arn, each.name) for each in User.objects.of(account_id).order_by("name")[:_MOST]]
    roles = {each.arn: each.name for each in Role.objects.of(account_id).order_by("name")[:_MOST]}
    used = Function.objects.of(account_id).values_list("versions__role", flat=True).distinct()[:_MOST]
    roles |= {arn: f"{arn.rpartition('/')[2]}, which does not exist here" for arn in used if arn and arn not in roles}
    groups = [
        ("Account", [(root_arn(account_id), "the account's root")]),
        ("Users", users),
        ("Roles", list(roles.items())),
        ("Services", [(each, each) for each in SERVICES]),
        ("Others", [(EVERYBODY, "everybody: who signs nothing")]),
    ]
    return [(heading, found) for heading, found in groups if found]


def name_of(principal: Principal) -> str:
    """A few words for sentences."""
    match principal.type:
        case PrincipalType.AWS_SERVICE:
            return principal.arn
        case PrincipalType.AWS_ACCOUNT:
            return "everybody"
        case PrincipalType.ROOT:
            return f"the root of {principal.account_id}"
        case PrincipalType.IAM_USER:
            return f"the user {principal.arn.rpartition('/')[2]}"
    return f"the role {(principal.role_arn or principal.arn).rpartition('/')[2]}"


def _user(account_id: str, arn: str) -> Principal:
    row = User.objects.of(account_id).filter(name=arn.rpartition("/")[2]).first()
    return Principal(account_id, arn, PrincipalType.IAM_USER, row.unique_id if row is not None else "")


def _role_arn(account_id: str, name: str) -> str:
    row = Role.objects.of(account_id).filter(name=name).first()
    return row.arn if row is not None else f"arn:aws:iam::{account_id}:role/{name}"
