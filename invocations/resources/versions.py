"""Published versions: $LATEST frozen under the next number."""

from django.db import transaction
from django.db.models import QuerySet

from invocations import announce, catalogue, clock
from invocations.arn import LATEST
from invocations.enums import LastUpdateStatus, State
from invocations.errors import InvalidParameterValueException
from invocations.models import FunctionVersion
from invocations.resources import functions
from invocations.values import Members


def publish(account_id: str, name: str, parameters: Members) -> FunctionVersion:
    """PublishVersion. Where nothing has changed since the last version, that one is the answer."""
    latest = functions.get(account_id, name)
    wanted = parameters.get("CodeSha256")
    if wanted and wanted != latest.code_sha256:
        raise InvalidParameterValueException(
            f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({latest.code_sha256}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    functions.check_revision(latest.current_revision_id, parameters.get("RevisionId"))
    functions.not_in_progress(latest)
    with transaction.atomic():
        function = functions.held(account_id, name)
        newest = function.versions.exclude(version=LATEST).order_by("-pk").first()
        if newest is not None and newest.configuration == latest.configuration and newest.version == str(function.last_version):
            return newest
        function.last_version += 1
        function.save(update_fields=["last_version"])
        version = FunctionVersion.objects.create(
            function=function,
            version=str(function.last_version),
            description=parameters.get("Description") or latest.description,
            state=State.ACTIVE,
            last_update_status=LastUpdateStatus.SUCCESSFUL,
            last_modified=clock.now(),
            revision_id=functions.new_revision(),
            **latest.configuration,
        )
    catalogue.changed(account_id, name)
    announce.publish(account_id, [{"kind": "function", "function": name, "what": "updated"}])
    return version


def list_of(account_id: str, name: str) -> QuerySet[FunctionVersion]:
    """$LATEST, then the published versions, oldest first."""
    function = functions.function_of(account_id, name)
    return function.versions.select_related("function").order_by("pk")
