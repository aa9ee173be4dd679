"""The request context of a call: what conditions of policies may ask for beside the principal.

Source: IAM User Guide, "AWS global condition context keys".
"""

from collections.abc import Mapping
from typing import Any

from invocations.policies.context import Value
from invocations.region import REGION
from playground.endpoint.registry import Call

_TAG_MEMBERS = ("Tags", "tags", "Tag")


def keys_of(call: Call) -> dict[str, Value]:
    """Keys, in lower case, and values that every service knows of a call."""
    keys = keys_of_http(call.headers, call.source_ip, is_secure=call.endpoint.startswith("https:"))
    tags = tags_in(call.input)
    if tags:
        keys["aws:tagkeys"] = list(tags)
        keys |= {f"aws:requesttag/{name.lower()}": value for name, value in tags.items()}
    elif "TagKeys" in call.input:
        keys["aws:tagkeys"] = list(call.input["TagKeys"])
    return keys


def keys_of_http(headers: Mapping[str, str], source_ip: str, *, is_secure: bool) -> dict[str, Value]:
    """Those that are known of any request."""
    keys: dict[str, Value] = {
        "aws:sourceip": source_ip,
        "aws:securetransport": "true" if is_secure else "false",
        "aws:requestedregion": REGION,
        "aws:viaawsservice": "false",
    }
    for key, header in (("aws:useragent", "user-agent"), ("aws:referer", "referer")):
        if header in headers:
            keys[key] = headers[header]
    return keys


def tags_in(members: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a call brings, whichever of AWS's two forms its service has."""
    found = next((members[name] for name in _TAG_MEMBERS if members.get(name)), None)
    if isinstance(found, Mapping):
        return {str(name): str(value) for name, value in found.items()}
    return {tag["Key"]: tag.get("Value", "") for tag in found or () if isinstance(tag, Mapping) and "Key" in tag}
