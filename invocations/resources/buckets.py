"""Buckets: created, listed, deleted, and what can be configured of them."""

import json
import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any, Final

from django.db import IntegrityError, transaction

from invocations import clock
from invocations.errors import AwsError, aws_error
from invocations.models import Account, Bucket, StoredObject, UploadedPart
from invocations.region import REGION
from invocations.services.s3 import blobs
from invocations.services.s3.access import bucket_arn, bucket_of, is_taken
from invocations.services.s3.errors import malformed_xml, no_such_bucket

MOST_BUCKETS: Final = 10_000
MOST_LISTED: Final = 10_000
MOST_BUCKET_TAGS: Final = 50
MOST_OBJECT_TAGS: Final = 10
LONGEST_POLICY: Final = 20 * 1024
NORTH_VIRGINIA: Final = "us-east-1"

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_TAG_TEXT = re.compile(r"[\w\s.:/=+\-@]*")
_EVERYBODY: Final = ("*", {"AWS": "*"}, {"AWS": ["*"]})
_FORBIDDEN_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_FORBIDDEN_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def create(account_id: str, name: str, location_constraint: str | None = None) -> Bucket:
    """Makes a bucket. Raises InvalidBucketName, BucketAlreadyExists, BucketAlreadyOwnedByYou and what is wrong with the location.

    In us-east-1, and nowhere else, one's own bucket can be made again (API reference, CreateBucket).
    """
    check_name(name)
    _check_location(location_constraint)
    existing = Bucket.objects.of(account_id).filter(name=name).first()
    if existing is None and not is_taken(name):
        account, _ = Account.objects.get_or_create(account_id=account_id)
        if Bucket.objects.of(account_id).count() >= MOST_BUCKETS:
            raise aws_error("TooManyBuckets", "You have attempted to create more buckets than allowed")
        try:
            with transaction.atomic():
                return Bucket.objects.create(account=account, name=name, created_at=clock.now())
        except IntegrityError:
            existing = Bucket.objects.of(account_id).filter(name=name).first()  # somebody was quicker
    if existing is None:
        message = (
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
            "Please select a different name and try again."
        )
        raise aws_error("BucketAlreadyExists", message, 409, BucketName=name)
    if REGION != NORTH_VIRGINIA:
        message = "Your previous request to create the named bucket succeeded and you already own it."
        raise aws_error("BucketAlreadyOwnedByYou", message, 409, BucketName=name)
    return existing


def delete(account_id: str, name: str, expected_owner: str | None = None) -> None:
    """Deletes an empty bucket; uploads under way in it are dropped. Raises BucketNotEmpty."""
    bucket = bucket_of(account_id, name, expected_owner)
    with transaction.atomic():
        Bucket.objects.of(account_id).select_for_update().filter(pk=bucket.pk).first()
        if StoredObject.objects.of(account_id).filter(bucket=bucket).exists():
            raise aws_error("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, BucketName=name)
        parts = UploadedPart.objects.of(account_id).filter(upload__bucket=bucket).values_list("segments", flat=True)
        segments = [segment for found in parts for segment in found]
        bucket.delete()
    blobs.remove(account_id, segments)


def list_all(account_id: str, prefix: str = "", after: str = "", limit: int = MOST_LISTED) -> tuple[list[Bucket], str | None]:
    """The account's buckets by name, and the name after which the next page begins."""
    rows = list(Bucket.objects.of(account_id).filter(name__startswith=prefix, name__gt=after).order_by("name")[: limit + 1])
    return rows[:limit], rows[limit - 1].name if len(rows) > limit else None


def set_versioning(bucket: Bucket, status: str | None) -> None:
    """Stores the state. Raises MalformedXML, IllegalVersioningConfigurationException."""
    if status is None:
        message = "The Versioning element must be specified"
        raise aws_error("IllegalVersioningConfigurationException", message)
    if status not in ("Enabled", "Suspended"):
        raise malformed_xml()
    _write(bucket, versioning=status)


def set_tags(bucket: Bucket, tags: Mapping[str, str]) -> None:
    """Replaces the bucket's tags."""
    _write(bucket, tags=dict(tags))


def set_policy(bucket: Bucket, policy: str) -> None:
    """Stores a policy; none for an empty text. Raises MalformedPolicy, PolicyTooLarge."""
    if policy:
        _check_policy(bucket, policy)
    _write(bucket, policy=policy)


def _write(bucket: Bucket, **values: object) -> None:
    """Raises NoSuchBucket where it has been deleted meanwhile."""
    with transaction.atomic():
        row = Bucket.objects.of(bucket.account_id).select_for_update().filter(pk=bucket.pk).first()
        if row is None:
            raise no_such_bucket(bucket.name)
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))


def is_public(bucket: Bucket) -> bool:
    """Whether its policy lets everybody do something, without a condition (User Guide, "The meaning of public")."""
    found = json.loads(bucket.policy or "{}").get("Statement", [])
    statements = found if isinstance(found, list) else [found]
    return any(each["Effect"] == "Allow" and each.get("Principal") in _EVERYBODY and not each.get("Condition") for each in statements)


def tags_from(pairs: Sequence[Mapping[str, str]], most: int) -> dict[str, str]:
    """{key: value} of a TagSet. Raises InvalidTag, BadRequest for too many."""
    if len(pairs) > most:
        kind = "Object" if most == MOST_OBJECT_TAGS else "Bucket"
        raise aws_error("BadRequest", f"{kind} tags cannot be greater than {most}")
    tags: dict[str, str] = {}
    for pair in pairs:
        if "Key" not in pair or "Value" not in pair:
            raise malformed_xml()
        key, value = pair["Key"], pair["Value"]
        if key in tags:
            raise _invalid_tag("Cannot provide multiple Tags with the same key", key)
        if key.startswith("aws:"):
            raise _invalid_tag("System tags cannot be added/updated by requester", key)
        if not 1 <= len(key) <= 128 or not _TAG_TEXT.fullmatch(key):
            raise _invalid_tag("The TagKey you have provided is invalid", key)
        if len(value) > 256 or not _TAG_TEXT.fullmatch(value):
            raise _invalid_tag("The TagValue you have provided is invalid", key)
        tags[key] = value
    return tags


def forget(account_id: str) -> None:
    """Removes the bytes of an account whose rows are gone."""
    blobs.forget(account_id)


def referenced_blobs(account_id: str) -> set[str]:
    """The ids of the files that the account's rows name."""
    of_objects = StoredObject.objects.of(account_id).values_list("segments", flat=True)
    of_parts = UploadedPart.objects.of(account_id).values_list("segments", flat=True)
    return {blob_id for rows in (of_objects.iterator(), of_parts.iterator()) for segments in rows for blob_id, _ in segments}


def check_name(name: str) -> None:
    """Raises InvalidBucketName. Source: User Guide, "General purpose bucket naming rules"."""
    is_good = (
        _NAME.fullmatch(name)
        and ".." not in name
        and not name.startswith(_FORBIDDEN_STARTS)
        and not name.endswith(_FORBIDDEN_ENDS)
        and not _is_address(name)
    )
    if not is_good:
        raise aws_error("InvalidBucketName", "The specified bucket is not valid.", BucketName=name)


def _is_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except ValueError:
        return False
    return True


def _check_location(constraint: str | None) -> None:
    if constraint is None:
        if REGION != NORTH_VIRGINIA:
            raise _illegal_location("unspecified")
    elif constraint == NORTH_VIRGINIA:
        message = "The specified location-constraint is not valid"
        raise aws_error("InvalidLocationConstraint", message, LocationConstraint=constraint)
    elif constraint != REGION:
        raise _illegal_location(constraint)


def _illegal_location(constraint: str) -> AwsError:
    message = f"The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
    return aws_error("IllegalLocationConstraintException", message)


def _check_policy(bucket: Bucket, policy: str) -> None:
    if len(policy.encode()) > LONGEST_POLICY:
        raise aws_error("PolicyTooLarge", "The policy exceeds the maximum allowed document size.")
    try:
        document: Any = json.loads(policy)
    except (ValueError, RecursionError):
        raise _malformed_policy("Policies must be valid JSON and the first byte must be '{'") from None
    if not isinstance(document, dict):
        raise _malformed_policy("Policies must be valid JSON and the first byte must be '{'")
    statements = document.get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            raise _malformed_policy("Missing required field Statement")
        for required in ("Effect", "Principal", "Action", "Resource"):
            if required not in statement and f"Not{required}" not in statement:
                raise _malformed_policy(f"Missing required field {required}")
        resources = statement.get("Resource", [])
        for resource in resources if isinstance(resources, list) else [resources]:
            if resource != bucket_arn(bucket.name) and not str(resource).startswith(f"{bucket_arn(bucket.name)}/"):
                raise _malformed_policy("Policy has invalid resource")


def _malformed_policy(message: str) -> AwsError:
    return aws_error("MalformedPolicy", message)


def _invalid_tag(message: str, key: str) -> AwsError:
    return aws_error("InvalidTag", message, TagKey=key)
