"""The ready-made functions of a new account, so that nothing is empty on the first day.

A sample is a folder here: the code, and `events.json` (name -> event).
"""

import io
import json
import logging
import zipfile
from pathlib import Path

from django.db import transaction

from invocations.errors import LambdaError, ResourceConflictException
from invocations.models import Account
from invocations.resources import functions, test_events

log = logging.getLogger(__name__)

_FOLDER = Path(__file__).parent

_CONFIGURATIONS: dict[str, dict[str, object]] = {
    "orders": {"Runtime": "python3.12", "Handler": "app.handler", "Description": "Takes an order, and misbehaves when asked to"},
    "hello": {"Runtime": "python3.12", "Handler": "app.handler", "Description": "Greets whoever the event names"},
    "echo": {"Runtime": "nodejs20.x", "Handler": "index.handler", "Description": "Gives its event back (Node.js)"},
    "slow": {"Runtime": "python3.12", "Handler": "app.handler", "Timeout": 5, "Description": "Takes its time, or more than it has"},
    "failing": {"Runtime": "python3.12", "Handler": "app.handler", "Description": "Fails in each way a function can"},
    "chatty": {"Runtime": "python3.12", "Handler": "app.handler", "Timeout": 30, "Description": "Writes a lot of log"},
}


def names() -> list[str]:
    """The samples, the one to begin with first."""
    return list(_CONFIGURATIONS)


def plant(account_id: str) -> None:
    """Gives a new account its ready-made functions, once; one whose runtime cannot run here is left out."""
    with transaction.atomic():
        account, _ = Account.objects.select_for_update().get_or_create(account_id=account_id)
        if account.seeded:
            return
        account.seeded = True
        account.save(update_fields=["seeded"])
    for name in names():
        try:
            restore(account_id, name)
        except LambdaError as error:
            log.warning("the sample function %s is left out: %s", name, error.message)


def restore(account_id: str, name: str) -> None:
    """Makes the sample *name* what it was at first: its code if it exists, all of it if not; its events besides."""
    try:
        version = functions.create(
            account_id,
            {
                "FunctionName": name,
                "Role": f"arn:aws:iam::{account_id}:role/playground-sample",
                "Code": {"ZipFile": archive(name)},
                **_CONFIGURATIONS[name],
            },
        )
    except ResourceConflictException:
        version = functions.update_code(account_id, name, {"ZipFile": archive(name)})
    for event_name, event in json.loads((_FOLDER / name / "events.json").read_text()).items():
        test_events.save(version.function, event_name, json.dumps(event, indent=2, ensure_ascii=False))


def archive(name: str) -> bytes:
    """The sample's code as a zip; always the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in sorted((_FOLDER / name).iterdir()):
            if path.name not in {"events.json", "__pycache__"}:
                entry = zipfile.ZipInfo(path.name, date_time=(2025, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                zipped.writestr(entry, path.read_bytes())
    return buffer.getvalue()
