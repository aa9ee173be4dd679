"""Objects: put, read, copied, deleted."""

from datetime import datetime
from typing import Any

from invocations.errors import AwsError
from invocations.models import Bucket, StoredObject
from invocations.services.s3 import Upload, digests, objects
from invocations.services.s3.conditions import Conditions, check_read
from invocations.services.s3.errors import invalid_argument, invalid_request, malformed_xml
from invocations.services.s3.objects import Attributes
from invocations.services.s3.ranges import Span, span_of
from playground.endpoint.operations.s3.common import (
    STANDARD,
    Answer,
    attributes_of,
    bucket_of,
    conditions_of,
    encryption,
    quoted,
    source_of,
    write_conditions_of,
)
from playground.endpoint.protocols import timestamps
from playground.endpoint.registry import Call, operation

MOST_DELETED = 1000
_OVERRIDDEN = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires")
"""Headers that a GetObject can ask to have otherwise: response-content-type and so on."""
_COPIED_DIRECTIVES = ("COPY", "REPLACE")


@operation("s3", "PutObject", upload="Body")
def put_object(call: Call) -> Answer:
    """Durable when it is answered."""
    upload = call.input["Body"]
    assert isinstance(upload, Upload)
    attributes, conditions = attributes_of(call), write_conditions_of(call)
    checksums = checksums_of(upload, digests.given(call.input))
    row = objects.put(bucket_of(call), call.input["Key"], upload, attributes, checksums, conditions)
    return {"ETag": quoted(row.etag), **row.checksums, **encryption(row)}


def checksums_of(upload: Upload, given: dict[str, str]) -> dict[str, str]:
    """Members that tell an object's checksums, from those sent along with it, which have been verified."""
    named = {f"{digests.MEMBER}{name}": digests.text(upload.digests[name]) for name in given}
    return named | {"ChecksumType": digests.FULL_OBJECT} if named else {}


@operation("s3", "GetObject")
def get_object(call: Call) -> Answer:
    """The bytes, or some of them, as a stream."""
    bucket, chosen = bucket_of(call), Span(0, 0, False)
    _check_there(call, bucket)

    def choose(row: StoredObject) -> tuple[int, int]:
        nonlocal chosen
        chosen = _chosen(call, row)
        return chosen.start, chosen.length

    row, reader = objects.open_range(bucket, call.input["Key"], choose)
    return _described(call, row, chosen) | {"Body": reader.stream()}


@operation("s3", "HeadObject")
def head_object(call: Call) -> Answer:
    """The same without the bytes."""
    row = _check_there(call, bucket_of(call))
    return _described(call, row, _chosen(call, row))


def _check_there(call: Call, bucket: Bucket) -> StoredObject:
    return objects.find(bucket, call.input["Key"], call.input.get("VersionId"))


def _chosen(call: Call, row: StoredObject) -> Span:
    check_read(row, conditions_of(call))
    return span_of(row, call.input.get("Range"), call.input.get("PartNumber"))


def _described(call: Call, row: StoredObject, span: Span) -> Answer:
    answer: Answer = {
        "AcceptRanges": "bytes",
        "LastModified": row.last_modified,
        "ContentLength": span.length,
        "ETag": quoted(row.etag),
        "ContentType": row.content_type,
        "Metadata": row.metadata,
        "TagCount": len(row.tags) or None,
        **row.headers,
    }
    for name in _OVERRIDDEN:
        wanted = call.input.get(f"Response{name}")
        if wanted is not None:
            answer[name] = timestamps.to_text(wanted, timestamps.RFC) if isinstance(wanted, datetime) else wanted
    if call.input.get("PartNumber") is not None and "-" in row.etag:
        answer["PartsCount"] = len(row.segments)
    if span.is_part:
        answer["ContentRange"] = span.content_range(row.size)
        call.status = 206
    elif call.input.get("ChecksumMode") == "ENABLED":
        answer |= row.checksums
    return answer


@operation("s3", "GetObjectAttributes")
def get_object_attributes(call: Call) -> Answer:
    """Those asked for."""
    row = _check_there(call, bucket_of(call))
    wanted = call.input.get("ObjectAttributes", [])
    if not wanted:
        raise invalid_request("The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")
    found: Answer = {
        "ETag": row.etag,
        "Checksum": row.checksums or None,
        "ObjectParts": {"TotalPartsCount": len(row.segments)} if "-" in row.etag else None,
        "StorageClass": row.headers.get("StorageClass", STANDARD),
        "ObjectSize": row.size,
    }
    for name in wanted:
        if name not in found:
            raise invalid_argument("Invalid attribute name specified.", "x-amz-object-attributes", name)
    return {name: found[name] for name in wanted} | {"LastModified": row.last_modified}


@operation("s3", "DeleteObject")
def delete_object(call: Call) -> Answer:
    """Gone; one that is not there does no harm."""
    bucket, key = bucket_of(call), call.input["Key"]
    objects.check_version(key, call.input.get("VersionId"))
    if call.input.get("IfMatch") is not None:
        check_read(objects.find(bucket, key), Conditions(if_match=call.input["IfMatch"]))
    objects.delete(bucket, [key])
    return {}


@operation("s3", "DeleteObjects")
def delete_objects(call: Call) -> Answer:
    """Up to a thousand."""
    bucket, asked = bucket_of(call), call.input.get("Delete", {}).get("Objects", [])
    if not 1 <= len(asked) <= MOST_DELETED or any("Key" not in each for each in asked):
        raise malformed_xml()
    errors = []
    for each in asked:
        try:
            objects.check_version(each["Key"], each.get("VersionId"))
        except AwsError as error:
            errors.append({"Key": each["Key"], "VersionId": each["VersionId"], "Code": error.code, "Message": error.message})
    kept = {(error["Key"], error["VersionId"]) for error in errors}
    deleted = [each for each in asked if (each["Key"], each.get("VersionId")) not in kept]
    objects.delete(bucket, [each["Key"] for each in deleted])
    told = [] if call.input["Delete"].get("Quiet") else [{"Key": each["Key"], "VersionId": each.get("VersionId")} for each in deleted]
    return {"Deleted": told, "Errors": errors}


@operation("s3", "CopyObject")
def copy_object(call: Call) -> Answer:
    """Another object of the same bytes."""
    bucket = bucket_of(call)
    source_bucket, source_key, version_id = source_of(call)
    key, given = call.input["Key"], call.input
    attributes, conditions = attributes_of(call), write_conditions_of(call)
    objects.check_key(key)
    row = objects.find(source_bucket, source_key, version_id)
    check_read(row, conditions_of(call, "CopySource"), "x-amz-copy-source-")
    _fill_from_source(given, row, attributes)
    if (source_bucket.pk, source_key) == (bucket.pk, key) and not _changes_anything(given):
        raise invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, "
            "storage class, website redirect location or encryption attributes."
        )
    copied = objects.copy(source_bucket, source_key, bucket, key, attributes, conditions)
    return {"CopyObjectResult": {"ETag": quoted(copied.etag), "LastModified": copied.last_modified, **copied.checksums}} | encryption(
        copied
    )


def _fill_from_source(given: dict[str, Any], source: StoredObject, attributes: Attributes) -> None:
    """A copy has what the source has, unless it is told to have its own."""
    for directive in ("MetadataDirective", "TaggingDirective"):
        if given.get(directive, "COPY") not in _COPIED_DIRECTIVES:
            raise invalid_request(f"Unknown {directive}: {given[directive]}")
    if given.get("MetadataDirective", "COPY") == "COPY":
        own = {name: value for name, value in attributes.headers.items() if name not in _OVERRIDDEN}
        from_source = {name: value for name, value in source.headers.items() if name in _OVERRIDDEN}
        attributes.content_type, attributes.metadata, attributes.headers = source.content_type, source.metadata, from_source | own
    objects.check_metadata(attributes.metadata)
    if given.get("TaggingDirective", "COPY") == "COPY":
        attributes.tags = source.tags


def _changes_anything(given: dict[str, Any]) -> bool:
    changing = ("StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption")
    return given.get("MetadataDirective") == "REPLACE" or any(given.get(name) for name in changing)
