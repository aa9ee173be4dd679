"""Makes one error happen: a real call of boto3 on this server's endpoint, seen by the SDK and on the wire."""

import json
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from redis.exceptions import LockError

from invocations import catalogue, credentials, lineage, readable_json, store
from invocations.arn import LATEST, function_arn
from invocations.enums import State
from invocations.errors import ServiceException
from invocations.models import FunctionVersion
from invocations.region import REGION
from invocations.resources import faults
from playground.dashboard.call_as import key_of
from playground.dashboard.error_gallery import functions
from playground.dashboard.error_gallery.entries import Entry, Recipe

MOST_SHOWN: Final = 4_000
"""Characters of a body."""
LONGEST_SECONDS: Final = 90
"""That one production may take: longer than its call waits for an answer."""
WAIT_SECONDS: Final = 20
"""For the others."""
_UNTOLD: Final = {"authorization", "x-amz-security-token"}
"""Headers whose values are cut short."""


@dataclass(slots=True)
class Produced:
    """What came of it."""

    call: str
    """As it stands in a program."""
    sdk: str = ""
    """The exception with its response, or the answer."""
    request: str = ""
    """Raw HTTP."""
    response: str = ""
    request_id: str = ""
    seen: list[str] = field(default_factory=list)
    """Errors' names, as they came."""


def produce(account_id: str, entry: Entry) -> Produced:
    """Produces *entry*'s error for an account, when what others are producing there is done: their faults would strike it too.

    Raises botocore's errors where the set-up itself fails, and ServiceException where the others take too long.
    """
    recipe = entry.recipe
    assert recipe is not None
    with _alone(account_id):
        return _produce(account_id, recipe)


@contextmanager
def _alone(account_id: str) -> Iterator[None]:
    """The account's samples for one production. The lock of a process that died is free after LONGEST_SECONDS."""
    lock = store.connection().lock(f"error-gallery:{account_id}", timeout=LONGEST_SECONDS, blocking_timeout=WAIT_SECONDS)
    if not lock.acquire():
        raise ServiceException("Somebody else is producing an error in this account. Try again in a moment.")
    try:
        yield
    finally:
        with suppress(LockError):  # it took too long, and is somebody else's now
            lock.release()


def _produce(account_id: str, recipe: Recipe) -> Produced:
    admin = _client(account_id)
    if recipe.is_sample:
        functions.ensure(admin, account_id, recipe.function)
    arguments = _arguments(account_id, recipe)
    produced = Produced(_written(arguments))
    client = _caller(account_id, recipe)
    _listen(client, produced, _headers(account_id, recipe))
    with _set_up(account_id, recipe):
        try:
            _told(produced, client.invoke(**arguments))
        except ClientError as error:
            _raised(produced, error)
    return produced


def _client(account_id: str, **keys: str) -> Any:
    import boto3  # half a second that no other page needs

    options = {"aws_access_key_id": key_of(account_id), "aws_secret_access_key": "test", **keys}
    config = Config(retries={"total_max_attempts": 1}, read_timeout=70)
    return boto3.session.Session().client(
        "lambda", endpoint_url=f"http://localhost:{settings.ENDPOINT_PORT}", region_name=REGION, config=config, **options
    )


def _caller(account_id: str, recipe: Recipe) -> Any:
    if recipe.wrong_secret:
        return _client(account_id, aws_secret_access_key="not-the-secret")
    if recipe.no_permission:
        nothing = json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
        )
        role = f"arn:aws:iam::{account_id}:role/error-gallery"
        found = credentials.issue_session(account_id, role, "may-nothing", timedelta(minutes=15), policies=(nothing,))
        return _client(
            account_id,
            aws_access_key_id=found.access_key_id,
            aws_secret_access_key=found.secret_access_key,
            aws_session_token=found.session_token,
        )
    return _client(account_id)


def _arguments(account_id: str, recipe: Recipe) -> dict[str, Any]:
    other_region = "us-west-1" if REGION != "us-west-1" else "us-east-1"
    name = recipe.function.format(other_region=other_region, account=account_id)
    payload = {"Payload": '"' + "x" * (recipe.payload_bytes - 2) + '"'} if recipe.payload_bytes else {}
    return {"FunctionName": name, **recipe.arguments, **payload}


def _headers(account_id: str, recipe: Recipe) -> dict[str, str]:
    if not recipe.in_a_loop:
        return {}
    trace_id = "Root=1-00000000-000000000000000000000000"
    arn = function_arn(account_id, REGION, recipe.function)
    for _ in range(lineage.MOST_RUNS):
        trace_id, _runs = lineage.entered(trace_id, arn)
    return {"X-Amzn-Trace-Id": trace_id}


@contextmanager
def _set_up(account_id: str, recipe: Recipe) -> Iterator[None]:
    """What holds for this one call: a fault, or a function that is not ready."""
    fault = None
    if recipe.fault is not None:
        wanted = {"function": recipe.function, "count": 1, "expires_in_seconds": 60, **recipe.fault}
        fault = faults.create(account_id, wanted).fault.pk
    if recipe.is_pending:
        _put_state(account_id, recipe.function, State.PENDING)
    try:
        yield
    finally:
        if fault is not None:
            faults.delete(account_id, fault)
        if recipe.is_pending:
            _put_state(account_id, recipe.function, State.ACTIVE)


def _put_state(account_id: str, name: str, state: State) -> None:
    FunctionVersion.objects.filter(function__account_id=account_id, function__name=name, version=LATEST).update(state=state)
    catalogue.changed(account_id, name)


def _listen(client: Any, produced: Produced, headers: Mapping[str, str]) -> None:
    """Notes what goes over the wire; *headers* are added to the request."""

    def sent(request: Any, **_: Any) -> None:
        lines = [f"{request.method} {request.url.partition('/2015')[1] + request.url.partition('/2015')[2]} HTTP/1.1"]
        for name, value in request.headers.items():
            text = value.decode() if isinstance(value, bytes) else str(value)
            lines.append(f"{name}: {text[:60] + '…' if name.lower() in _UNTOLD and len(text) > 60 else text}")
        produced.request = "\n".join(lines) + "\n\n" + shortened(request.body or b"")

    def received(response_dict: Mapping[str, Any], **_: Any) -> None:
        lines = [f"HTTP/1.1 {response_dict['status_code']}", *(f"{name}: {value}" for name, value in response_dict["headers"].items())]
        body = response_dict["body"]
        produced.response = "\n".join(lines) + "\n\n" + (shortened(body) if isinstance(body, bytes) else "")

    def add(request: Any, **_: Any) -> None:
        for name, value in headers.items():
            request.headers[name] = value

    hooks: dict[str, Callable[..., None]] = {"before-sign": add, "before-send": sent, "response-received": received}
    for name, hook in hooks.items():
        client.meta.events.register(f"{name}.lambda.Invoke", hook)


def _told(produced: Produced, answer: dict[str, Any]) -> None:
    payload = answer["Payload"].read()
    produced.response += shortened(payload)
    produced.request_id = answer["ResponseMetadata"]["RequestId"]
    shown = {name: answer[name] for name in ("StatusCode", "FunctionError", "ExecutedVersion") if name in answer}
    lines = [f"answer[{name!r}] == {value!r}" for name, value in shown.items()]
    try:
        error = json.loads(payload)
        produced.seen = [str(error["errorType"])]
        lines.append("json.load(answer['Payload']) == " + readable_json.dumps(error, indent=2))
    except (ValueError, KeyError, TypeError):
        lines.append(f"answer['Payload'].read() == {payload[:MOST_SHOWN]!r}")
    produced.sdk = "# No exception: the function failed, the invocation did not.\n" + "\n".join(lines)


def _raised(produced: Produced, error: ClientError) -> None:
    response: Any = error.response
    produced.request_id = response["ResponseMetadata"].get("RequestId", "")
    produced.seen = [part for part in (response["Error"]["Code"], response.get("Reason", "")) if part]
    told = {name: value for name, value in response.items() if name != "ResponseMetadata"}
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    last_line = "".join(traceback.format_exception_only(error)).strip()
    produced.sdk = (
        f"{last_line}\n\nerror.response == {json.dumps(told, indent=2, ensure_ascii=False)}\n"
        f"error.response['ResponseMetadata']['HTTPStatusCode'] == {status}"
    )


def _written(arguments: Mapping[str, Any]) -> str:
    members = ", ".join(f"{name}={shortened(value.encode(), 80) if name == 'Payload' else value!r}" for name, value in arguments.items())
    return f"client.invoke({members})"


def shortened(body: bytes, most: int = MOST_SHOWN) -> str:
    """A body as text, its end left out where it is long."""
    text = body[: most * 4].decode("utf-8", "replace")
    return text if len(text) <= most and len(body) <= most * 4 else f"{text[:most]}… ({len(body):,} bytes)"
