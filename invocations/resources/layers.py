"""Layers: archives that functions see under /opt."""

import re

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet

from invocations.arn import layer_arn
from invocations.errors import ResourceNotFoundException, ValidationException
from invocations.models import Account, LayerVersion
from invocations.region import REGION
from invocations.resources import code_sources
from invocations.values import Members

_ARN = re.compile(r"arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:(?P<account>\d{12}):layer:(?P<name>[a-zA-Z0-9-_]+)(:(?P<version>\d+))?")
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,140}")


def bare_name(layer_name: str) -> str:
    """The name in a LayerName, which may be the layer's ARN. Raises ValidationException."""
    match = _ARN.fullmatch(layer_name)
    name = match["name"] if match else layer_name
    if not _NAME.fullmatch(name):
        raise ValidationException(
            f"1 validation error detected: Value '{layer_name}' at 'layerName' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_NAME.pattern}"
        )
    return name


def publish(account_id: str, layer_name: str, parameters: Members) -> LayerVersion:
    """PublishLayerVersion: each call makes a new version."""
    name, content = bare_name(layer_name), parameters["Content"]
    stored = code_sources.store(account_id, content)
    account, _ = Account.objects.get_or_create(account_id=account_id)
    while True:
        last = LayerVersion.objects.of(account_id).filter(name=name).aggregate(last=models.Max("version"))["last"] or 0
        try:
            with transaction.atomic():
                return LayerVersion.objects.create(
                    account=account,
                    name=name,
                    version=last + 1,
                    description=parameters.get("Description", ""),
                    license_info=parameters.get("LicenseInfo", ""),
                    compatible_runtimes=parameters.get("CompatibleRuntimes", []),
                    compatible_architectures=parameters.get("CompatibleArchitectures", []),
                    code_sha256=stored.sha256,
                    code_size=stored.size,
                )
        except IntegrityError:
            continue  # somebody published the same number at the same moment


def get(account_id: str, layer_name: str, version: int) -> LayerVersion:
    """GetLayerVersion."""
    name = bare_name(layer_name)
    found = LayerVersion.objects.of(account_id).filter(name=name, version=version, is_deleted=False).first()
    if found is None:
        raise ResourceNotFoundException(f"The resource you requested does not exist. ({layer_arn(account_id, REGION, name, version)})")
    return found


def get_by_arn(account_id: str, arn: str) -> LayerVersion:
    """GetLayerVersionByArn."""
    match = _ARN.fullmatch(arn)
    if match is None or match["version"] is None:
        raise ValidationException(
            f"1 validation error detected: Value '{arn}' at 'arn' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_ARN.pattern}"
        )
    if match["account"] != account_id:
        raise ResourceNotFoundException("The resource you requested does not exist.")
    return get(account_id, match["name"], int(match["version"]))


def list_all(account_id: str, runtime: str | None = None, architecture: str | None = None) -> list[LayerVersion]:
    """The newest version of each layer that suits."""
    newest: dict[str, LayerVersion] = {}
    for row in LayerVersion.objects.of(account_id).filter(is_deleted=False).order_by("name", "version"):
        if _suits(row, runtime, architecture):
            newest[row.name] = row
    return list(newest.values())


def versions_of(account_id: str, layer_name: str, runtime: str | None = None, architecture: str | None = None) -> list[LayerVersion]:
    """A layer's versions, newest first."""
    rows: QuerySet[LayerVersion] = LayerVersion.objects.of(account_id).filter(name=bare_name(layer_name), is_deleted=False)
    return [row for row in rows.order_by("-version") if _suits(row, runtime, architecture)]


def delete(account_id: str, layer_name: str, version: int) -> None:
    """DeleteLayerVersion: no function can take it from now on; those that have it keep it."""
    LayerVersion.objects.of(account_id).filter(name=bare_name(layer_name), version=version).update(is_deleted=True)


def _suits(row: LayerVersion, runtime: str | None, architecture: str | None) -> bool:
    fits_runtime = runtime is None or runtime in row.compatible_runtimes
    return fits_runtime and (architecture is None or architecture in row.compatible_architectures)
