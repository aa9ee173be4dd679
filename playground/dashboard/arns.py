"""Where the pages show what an ARN names."""

from dataclasses import dataclass

from django.urls import reverse

from invocations.arn import parse_function_name


@dataclass(frozen=True, slots=True)
class Place:
    """What an ARN names, for a reader."""

    arn: str
    name: str
    """Its own name, a function's with the qualifier."""
    noun: str
    icon: str
    url: str
    """Empty where it has no page."""


def name_of(arn: str) -> str:
    """The last part, without what stands before a slash; a function's with its qualifier."""
    reference = parse_function_name(arn) if ":function:" in arn else None
    if reference is not None:
        return f"{reference.name}:{reference.qualifier}" if reference.qualifier else reference.name
    return arn.rpartition(":")[2].partition("/")[2] or arn.rpartition(":")[2]


def place(account_id: str, arn: str) -> Place:
    """The resource of one of the account's ARNs, by kind of resource or as a function."""
    from playground.dashboard.resources.registry import KINDS  # whose kinds show places themselves

    service, name = (arn.split(":") + [""] * 3)[2], name_of(arn)
    if service == "lambda":
        return Place(arn, name, "function", "functions", reverse("function", args=[account_id, name.partition(":")[0]]))
    kind = next((kind for kind in KINDS if kind.service == service), None)
    if kind is None:
        return Place(arn, name, service, "resources", "")
    return Place(arn, name, kind.singular, kind.icon, kind.url(account_id, name))
