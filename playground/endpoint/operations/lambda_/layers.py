"""Layers."""

from invocations.models import LayerVersion
from invocations.resources import layers
from playground.endpoint.operations.lambda_.common import Answer, download_address, page
from playground.endpoint.registry import Call, operation


def describe(layer: LayerVersion) -> Answer:
    """LayerVersionsListItem."""
    created = layer.created_at
    return {
        "LayerVersionArn": layer.arn,
        "Version": layer.version,
        "Description": layer.description,
        "CreatedDate": created.strftime("%Y-%m-%dT%H:%M:%S.") + f"{created.microsecond // 1000:03d}+0000",
        "CompatibleRuntimes": layer.compatible_runtimes or None,
        "CompatibleArchitectures": layer.compatible_architectures or None,
        "LicenseInfo": layer.license_info or None,
    }


def describe_with_content(call: Call, layer: LayerVersion) -> Answer:
    """GetLayerVersionResponse."""
    content = {
        "Location": download_address(call, layer.code_sha256),
        "CodeSha256": layer.code_sha256,
        "CodeSize": layer.code_size,
    }
    return describe(layer) | {"LayerArn": layer.layer_arn, "Content": content}


@operation("lambda", "PublishLayerVersion")
def publish_layer_version(call: Call) -> Answer:
    return describe_with_content(call, layers.publish(call.principal.account_id, call.input["LayerName"], call.input))


@operation("lambda", "GetLayerVersion")
def get_layer_version(call: Call) -> Answer:
    found = layers.get(call.principal.account_id, call.input["LayerName"], call.input["VersionNumber"])
    return describe_with_content(call, found)


@operation("lambda", "GetLayerVersionByArn")
def get_layer_version_by_arn(call: Call) -> Answer:
    return describe_with_content(call, layers.get_by_arn(call.principal.account_id, call.input["Arn"]))


@operation("lambda", "ListLayers")
def list_layers(call: Call) -> Answer:
    found = layers.list_all(call.principal.account_id, call.input.get("CompatibleRuntime"), call.input.get("CompatibleArchitecture"))
    rows, marker = page(found, call)
    items = [{"LayerName": row.name, "LayerArn": row.layer_arn, "LatestMatchingVersion": describe(row)} for row in rows]
    return {"Layers": items, "NextMarker": marker}


@operation("lambda", "ListLayerVersions")
def list_layer_versions(call: Call) -> Answer:
    given = call.input
    found = layers.versions_of(
        call.principal.account_id, given["LayerName"], given.get("CompatibleRuntime"), given.get("CompatibleArchitecture")
    )
    rows, marker = page(found, call)
    return {"LayerVersions": [describe(row) for row in rows], "NextMarker": marker}


@operation("lambda", "DeleteLayerVersion")
def delete_layer_version(call: Call) -> Answer:
    layers.delete(call.principal.account_id, call.input["LayerName"], call.input["VersionNumber"])
    return {}
