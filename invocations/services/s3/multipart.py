"""Uploads in parts: begun, filled, completed or aborted."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Final

from django.db import IntegrityError, transaction

from invocations import clock
from invocations.errors import aws_error
from invocations.models.bucket import Bucket, MultipartUpload, StoredObject, UploadedPart
from invocations.services.s3 import blobs, digests, objects
from invocations.services.s3.blobs import Upload
from invocations.services.s3.conditions import Conditions
from invocations.services.s3.digests import MEMBER
from invocations.services.s3.errors import bad_digest, invalid_argument, invalid_request, malformed_xml, no_such_upload
from invocations.services.s3.objects import Attributes

LEAST_PART: Final = 5 * 1024 * 1024
"""Bytes of every part but the last."""
MOST_PARTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part as CompleteMultipartUpload names it."""

    part_number: int
    etag: str
    """Without quotation marks."""
    checksums: Mapping[str, str]
    """{"CRC32": base64}."""


def begin(bucket: Bucket, key: str, attributes: Attributes, algorithm: str, kind: str) -> MultipartUpload:
    """CreateMultipartUpload. *algorithm* and *kind* of checksum may be empty. Raises InvalidRequest for a pair that cannot be."""
    objects.check_key(key)
    objects.check_metadata(attributes.metadata)
    if algorithm:
        digests.make([algorithm])
        kind = kind or digests.default_type(algorithm)
        digests.check_type(algorithm, kind)
    elif kind:
        raise invalid_request("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
    with transaction.atomic():
        objects.lock(bucket)
        return MultipartUpload.objects.create(
            account_id=bucket.account_id,
            bucket=bucket,
            key_utf8=key.encode(),
            upload_id=uuid.uuid4().hex + uuid.uuid4().hex,
            initiated_at=clock.now(),
            checksum_algorithm=algorithm,
            checksum_type=kind,
            **attributes.columns(),
        )


def find(bucket: Bucket, key: str, upload_id: str) -> MultipartUpload:
    """An upload under way. Raises NoSuchUpload."""
    rows = MultipartUpload.objects.of(bucket.account_id)
    row = rows.filter(bucket=bucket, key_utf8=key.encode(), upload_id=upload_id).first()
    if row is None:
        raise no_such_upload(upload_id)
    return row


def put_part(upload: MultipartUpload, part_number: int, body: Upload, checksums: Mapping[str, str]) -> UploadedPart:
    """Stores a part in the place of any other of its number. *checksums* are {"CRC32": base64}. Raises NoSuchUpload."""
    check_part_number(part_number)
    expected, given = upload.checksum_algorithm, next(iter(checksums), "null")
    if expected and expected != given:
        types = f"expected checksum Type: {expected.lower()}, actual checksum Type: {given.lower()}"
        raise invalid_request(f"Checksum Type mismatch occurred, {types}")
    segments = body.keep(upload.account_id)
    columns = {"etag": body.md5, "size": body.size, "segments": segments, "checksums": dict(checksums), "last_modified": clock.now()}
    try:
        with transaction.atomic():
            if not MultipartUpload.objects.of(upload.account_id).select_for_update().filter(pk=upload.pk).exists():
                raise no_such_upload(upload.upload_id)
            parts = UploadedPart.objects.of(upload.account_id).filter(upload=upload, part_number=part_number)
            replaced = [segment for found in parts.values_list("segments", flat=True) for segment in found]
            part, _ = UploadedPart.objects.update_or_create(
                account_id=upload.account_id, upload=upload, part_number=part_number, defaults=columns
            )
    except IntegrityError:
        blobs.remove(upload.account_id, segments)
        raise no_such_upload(upload.upload_id) from None
    except BaseException:
        blobs.remove(upload.account_id, segments)
        raise
    blobs.remove(upload.account_id, replaced)
    return part


def check_part_number(part_number: int) -> None:
    """Raises InvalidArgument."""
    if not 1 <= part_number <= MOST_PARTS:
        message = f"Part number must be an integer between 1 and {MOST_PARTS}, inclusive"
        raise invalid_argument(message, "partNumber", part_number)


def complete(
    bucket: Bucket, upload: MultipartUpload, named: Sequence[NamedPart], conditions: Conditions, expected: Mapping[str, str]
) -> StoredObject:
    """Makes the object of the parts named; the others go. *expected* is its checksum as the caller knows it.

    Raises MalformedXML, InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest, PreconditionFailed, NoSuchUpload.
    """
    with transaction.atomic():
        objects.lock(bucket)
        rows = MultipartUpload.objects.of(upload.account_id).select_for_update().filter(pk=upload.pk)
        if not rows.exists():
            raise no_such_upload(upload.upload_id)
        parts = _chosen(upload, named)
        row = objects.replace(bucket, upload.key, _columns(upload, parts, expected), conditions)
        surplus = UploadedPart.objects.of(upload.account_id).filter(upload=upload).exclude(pk__in=[part.pk for part in parts])
        transaction.on_commit(partial(blobs.remove, upload.account_id, _segments(surplus)))
        rows.delete()
    return row


def _columns(upload: MultipartUpload, parts: Sequence[UploadedPart], expected: Mapping[str, str]) -> dict[str, Any]:
    checksums = _checksums(upload, parts)
    for name, value in expected.items():
        if checksums.get(f"{MEMBER}{name}", value).partition("-")[0] != value.partition("-")[0]:
            raise bad_digest(f"The {name} you specified did not match the calculated checksum.")
    md5s = b"".join(bytes.fromhex(part.etag) for part in parts)
    return {
        "etag": f"{hashlib.md5(md5s, usedforsecurity=False).hexdigest()}-{len(parts)}",
        "size": sum(part.size for part in parts),
        "segments": [segment for part in parts for segment in part.segments],
        "checksums": checksums,
        "content_type": upload.content_type,
        "headers": upload.headers,
        "metadata": upload.metadata,
        "tags": upload.tags,
    }


def _chosen(upload: MultipartUpload, named: Sequence[NamedPart]) -> list[UploadedPart]:
    if not named:
        raise malformed_xml()
    numbers = [part.part_number for part in named]
    if any(left >= right for left, right in pairwise(numbers)):
        message = "The list of parts was not in ascending order. Parts must be ordered by part number."
        raise aws_error("InvalidPartOrder", message, UploadId=upload.upload_id)
    there = {part.part_number: part for part in UploadedPart.objects.of(upload.account_id).filter(upload=upload)}
    chosen = []
    for asked in named:
        part = there.get(asked.part_number)
        if part is None or part.etag != asked.etag:
            message = (
                "One or more of the specified parts could not be found.  The part may not have been uploaded, "
                "or the specified entity tag may not match the part's entity tag."
            )
            members: dict[str, Any] = {"UploadId": upload.upload_id, "PartNumber": asked.part_number, "ETag": asked.etag}
            raise aws_error("InvalidPart", message, **members)
        _check_checksum(upload, part, asked)
        chosen.append(part)
    for part in chosen[:-1]:
        if part.size < LEAST_PART:
            raise aws_error(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                ProposedSize=part.size,
                MinSizeAllowed=LEAST_PART,
                PartNumber=part.part_number,
                ETag=part.etag,
            )
    return chosen


def _check_checksum(upload: MultipartUpload, part: UploadedPart, asked: NamedPart) -> None:
    for name, value in asked.checksums.items():
        if part.checksums.get(name, value) != value:
            message = f"The {name} you specified for part {part.part_number} did not match what we received."
            raise bad_digest(message)
    if upload.checksum_type == digests.COMPOSITE and upload.checksum_algorithm not in asked.checksums:
        raise invalid_request(
            f"The upload was created using a {upload.checksum_algorithm.lower()} checksum. The complete request must include the "
            f"checksum for each part. It was missing for part {part.part_number} in the request."
        )


def _checksums(upload: MultipartUpload, parts: Iterable[UploadedPart]) -> dict[str, str]:
    algorithm, kind = upload.checksum_algorithm, upload.checksum_type
    if not algorithm:
        return {}
    whole = digests.of_parts(algorithm, kind, [(part.checksums[algorithm], part.size) for part in parts])
    return {f"{MEMBER}{algorithm}": whole, "ChecksumType": kind}


def abort(upload: MultipartUpload) -> None:
    """Drops an upload with its parts."""
    with transaction.atomic():
        row = MultipartUpload.objects.of(upload.account_id).select_for_update().filter(pk=upload.pk).first()
        segments = _segments(UploadedPart.objects.of(upload.account_id).filter(upload=upload))
        if row is not None:
            row.delete()
    blobs.remove(upload.account_id, segments)


def _segments(parts: Iterable[UploadedPart]) -> list[list[Any]]:
    return [segment for part in parts for segment in part.segments]
