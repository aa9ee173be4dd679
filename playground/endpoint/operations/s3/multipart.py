"""Uploads in parts."""

from typing import Any

from invocations.models import MultipartUpload, UploadedPart
from invocations.services.s3 import Upload, blobs, digests, listing, multipart, objects
from invocations.services.s3.conditions import check_read
from invocations.services.s3.errors import invalid_argument, malformed_xml
from invocations.services.s3.multipart import NamedPart
from invocations.services.s3.ranges import copied_span
from playground.endpoint.operations.s3.common import (
    STANDARD,
    Answer,
    attributes_of,
    bucket_of,
    conditions_of,
    encoder,
    encryption,
    limit_of,
    location,
    owner,
    quoted,
    source_of,
    write_conditions_of,
)
from playground.endpoint.registry import Call, operation


@operation("s3", "CreateMultipartUpload")
def create_multipart_upload(call: Call) -> Answer:
    """Begins one."""
    given = call.input
    bucket, attributes = bucket_of(call), attributes_of(call)
    upload = multipart.begin(bucket, given["Key"], attributes, given.get("ChecksumAlgorithm", ""), given.get("ChecksumType", ""))
    return {
        "Bucket": bucket.name,
        "Key": upload.key,
        "UploadId": upload.upload_id,
        "ChecksumAlgorithm": upload.checksum_algorithm or None,
        "ChecksumType": upload.checksum_type or None,
    } | {name: value for name, value in upload.headers.items() if name in ("ServerSideEncryption", "SSEKMSKeyId")}


@operation("s3", "UploadPart", upload="Body")
def upload_part(call: Call) -> Answer:
    """Durable when it is answered."""
    body = call.input["Body"]
    assert isinstance(body, Upload)
    checksums = {name: digests.text(body.digests[name]) for name in digests.given(call.input)}
    part = multipart.put_part(_upload_of(call), call.input["PartNumber"], body, checksums)
    return {"ETag": quoted(part.etag)} | _checksums(part)


@operation("s3", "UploadPartCopy")
def upload_part_copy(call: Call) -> Answer:
    """A part that is an object, or some of it."""
    upload = _upload_of(call)
    multipart.check_part_number(call.input["PartNumber"])
    source_bucket, key, version_id = source_of(call)
    row = objects.find(source_bucket, key, version_id)
    check_read(row, conditions_of(call, "CopySource"), "x-amz-copy-source-")

    def choose(found: Any) -> tuple[int, int]:
        span = copied_span(found, call.input.get("CopySourceRange"))
        return span.start, span.length

    _, reader = objects.open_range(source_bucket, key, choose)
    algorithms = [upload.checksum_algorithm] if upload.checksum_algorithm else []
    body = blobs.receive(reader, algorithms)
    try:
        checksums = {name: digests.text(value) for name, value in body.digests.items()}
        part = multipart.put_part(upload, call.input["PartNumber"], body, checksums)
    finally:
        body.discard()
    return {"CopyPartResult": {"ETag": quoted(part.etag), "LastModified": part.last_modified} | _checksums(part)}


@operation("s3", "CompleteMultipartUpload")
def complete_multipart_upload(call: Call) -> Answer:
    """The parts become an object."""
    bucket, upload = bucket_of(call), _upload_of(call)
    named = [_named(part) for part in call.input.get("MultipartUpload", {}).get("Parts", [])]
    row = multipart.complete(bucket, upload, named, write_conditions_of(call), digests.given(call.input))
    address = location(call, bucket.name, row.key)
    named_so = {"Location": address, "Bucket": bucket.name, "Key": row.key, "ETag": quoted(row.etag)}
    return {**named_so, **row.checksums, **encryption(row)}


def _named(part: dict[str, Any]) -> NamedPart:
    if "PartNumber" not in part or "ETag" not in part:
        raise malformed_xml()
    return NamedPart(part["PartNumber"], part["ETag"].strip('"'), digests.given(part))


@operation("s3", "AbortMultipartUpload")
def abort_multipart_upload(call: Call) -> Answer:
    """Gone with its parts."""
    multipart.abort(_upload_of(call))
    return {}


@operation("s3", "ListParts")
def list_parts(call: Call) -> Answer:
    """Of one upload, by number."""
    upload, limit, after = _upload_of(call), limit_of(call, "MaxParts", "max-parts"), call.input.get("PartNumberMarker", 0)
    parts = UploadedPart.objects.of(upload.account_id).filter(upload=upload, part_number__gt=after).order_by("part_number")
    rows = list(parts[: limit + 1])
    shown = rows[:limit]
    return {
        "Bucket": call.input["Bucket"],
        "Key": upload.key,
        "UploadId": upload.upload_id,
        "PartNumberMarker": after,
        "NextPartNumberMarker": shown[-1].part_number if shown else after,
        "MaxParts": limit,
        "IsTruncated": len(rows) > limit,
        "Parts": [
            {"PartNumber": row.part_number, "LastModified": row.last_modified, "ETag": quoted(row.etag), "Size": row.size} | _checksums(row)
            for row in shown
        ],
        "Initiator": owner(upload.account_id),
        "Owner": owner(upload.account_id),
        "StorageClass": upload.headers.get("StorageClass", STANDARD),
        "ChecksumAlgorithm": upload.checksum_algorithm or None,
        "ChecksumType": upload.checksum_type or None,
    }


@operation("s3", "ListMultipartUploads")
def list_multipart_uploads(call: Call) -> Answer:
    """Those under way, by key and id."""
    given, encode, bucket = call.input, encoder(call), bucket_of(call)
    limit, marker = limit_of(call, "MaxUploads", "max-uploads"), given.get("KeyMarker", "")
    rows = MultipartUpload.objects.of(bucket.account_id).filter(bucket=bucket)
    ids = {"within_key": "upload_id", "after_within_key": given.get("UploadIdMarker", "")}
    page = listing.page(rows, given.get("Prefix", ""), given.get("Delimiter", ""), marker, limit, **ids)
    is_row_last = bool(page.rows) and page.rows[-1].key == page.next_key
    return {
        "Bucket": bucket.name,
        "KeyMarker": encode(marker),
        "UploadIdMarker": given.get("UploadIdMarker", ""),
        "NextKeyMarker": encode(page.next_key),
        "NextUploadIdMarker": page.rows[-1].upload_id if is_row_last else None,
        "Prefix": encode(given.get("Prefix")),
        "Delimiter": encode(given.get("Delimiter")),
        "MaxUploads": limit,
        "IsTruncated": page.next_key is not None,
        "Uploads": [
            {
                "UploadId": row.upload_id,
                "Key": encode(row.key),
                "Initiated": row.initiated_at,
                "StorageClass": row.headers.get("StorageClass", STANDARD),
                "Owner": owner(row.account_id),
                "Initiator": owner(row.account_id),
                "ChecksumAlgorithm": row.checksum_algorithm or None,
                "ChecksumType": row.checksum_type or None,
            }
            for row in page.rows
        ],
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in page.prefixes],
        "EncodingType": given.get("EncodingType"),
    }


def _upload_of(call: Call) -> MultipartUpload:
    upload_id = call.input.get("UploadId")
    if not upload_id:
        raise invalid_argument("This operation does not accept a request without an upload id", "uploadId", "")
    return multipart.find(bucket_of(call), call.input["Key"], upload_id)


def _checksums(part: UploadedPart) -> Answer:
    return {f"{digests.MEMBER}{name}": value for name, value in part.checksums.items()}
