"""What Lambda's operations share: names, pages, addresses to download from."""

import base64
from collections.abc import Sequence
from typing import Any, TypeVar

from django.core import signing

from invocations import code_store
from invocations.arn import parse_function_name
from invocations.errors import InvalidParameterValueException
from invocations.resources import naming
from playground.endpoint.local import LocalAnswer, LocalRequest, local_route
from playground.endpoint.registry import Call

_Row = TypeVar("_Row")

DOWNLOAD_SECONDS = 600
"""How long a code download address works; ten minutes, as on AWS."""
_SALT = "code-download"


def name_and_qualifier(call: Call) -> tuple[str, str, str | None]:
    """Account id, bare name and qualifier that the call means. Another account's function is reached by its ARN, by those whom
    its policy lets in: that has been asked before, or is on an Invoke's way."""
    account_id = owner_of(call)
    name, qualifier = naming.resolve(call.input["FunctionName"], call.input.get("Qualifier"), account_id)
    return account_id, name, qualifier


def owner_of(call: Call) -> str:
    """The account whose function FunctionName means: the one in an ARN, else the caller's."""
    reference = parse_function_name(call.input["FunctionName"])
    return call.principal.account_id if reference is None or reference.account_id is None else reference.account_id


def name_only(call: Call) -> tuple[str, str]:
    """Account id and bare name; a qualifier in the name is dropped."""
    account_id = owner_of(call)
    return account_id, naming.unqualified(call.input["FunctionName"], account_id)


def page(rows: Sequence[_Row], call: Call, largest: int = 50) -> tuple[list[_Row], str | None]:
    """The page that Marker and MaxItems ask for, and the next Marker. Markers mean nothing to callers."""
    marker = call.input.get("Marker")
    start = _position(marker) if marker else 0
    count = min(call.input.get("MaxItems") or largest, largest)
    found = list(rows[start : start + count + 1])
    is_last = len(found) <= count
    return found[:count], None if is_last else base64.urlsafe_b64encode(f"from:{start + count}".encode()).decode()


def download_address(call: Call, code_sha256: str) -> str:
    """An address on this endpoint from which the archive can be fetched for ten minutes."""
    return f"{call.endpoint}/_playground/code/{signing.dumps(code_sha256, salt=_SALT)}"


@local_route("GET", "/_playground/code/{token}")
def download(request: LocalRequest) -> LocalAnswer:
    """The archive that a signed address stands for."""
    try:
        code_sha256 = signing.loads(request.parts["token"], salt=_SALT, max_age=DOWNLOAD_SECONDS)
    except signing.BadSignature:
        return LocalAnswer(403, b"This address is not valid, or no longer.", {"content-type": "text/plain"})
    archive = code_store.archive(code_sha256)
    if not archive.exists():
        return LocalAnswer(404, b"This code has been removed.", {"content-type": "text/plain"})
    return LocalAnswer(200, archive.read_bytes(), {"content-type": "application/zip"})


def _position(marker: str) -> int:
    try:
        word, _, number = base64.urlsafe_b64decode(marker).decode().partition(":")
        if word == "from":
            return int(number)
    except ValueError:
        pass
    raise InvalidParameterValueException("The provided Marker is not valid.")


Answer = dict[str, Any]
"""Members of an output by AWS name."""
