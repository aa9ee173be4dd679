"""What S3's operations share: from members of a call to what the domain takes, and back."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote

from invocations.errors import NotImplementedHere, aws_error
from invocations.models import Bucket, StoredObject
from invocations.resources import buckets
from invocations.services.s3 import access, objects
from invocations.services.s3.conditions import Conditions
from invocations.services.s3.errors import invalid_argument, invalid_request
from invocations.services.s3.objects import Attributes
from playground.endpoint import virtual_hosts
from playground.endpoint.registry import Call

Answer = dict[str, Any]
Encoder = Callable[[str | None], str | None]

STANDARD = "STANDARD"
_KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "Expires",
    "WebsiteRedirectLocation",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "StorageClass",
)
"""Members that are kept with an object and given back."""
_ENCRYPTION = ("ServerSideEncryption", "SSEKMSKeyId")
_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
_LOCKS = ("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")
_OWN_ACLS = ("private", "bucket-owner-full-control")
_STORAGE_CLASSES = frozenset(
    {STANDARD, "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR"}
)


def bucket_of(call: Call) -> Bucket:
    """The bucket that a call names. Raises NoSuchBucket, AccessDenied."""
    return _bucket_named(call, call.input["Bucket"], call.input.get("ExpectedBucketOwner"))


def _bucket_named(call: Call, name: str, expected_owner: str | None) -> Bucket:
    """Another account's is reached by those whom its policy lets in: that has been asked before."""
    return access.bucket_of(call.owners.get(f"arn:aws:s3:::{name}", call.principal.account_id), name, expected_owner)


def attributes_of(call: Call) -> Attributes:
    """What is to be kept with an object. Raises what S3 raises for options that a bucket like these does not take."""
    given = call.input
    refuse_options(given)
    storage_class = given.get("StorageClass", STANDARD)
    if storage_class not in _STORAGE_CLASSES:
        raise aws_error("InvalidStorageClass", "The storage class you specified is not valid", StorageClassRequested=storage_class)
    headers = {name: str(given[name]) for name in _KEPT if given.get(name)}
    if storage_class == STANDARD:
        headers.pop("StorageClass", None)
    content_type = given.get("ContentType") or objects.DEFAULT_CONTENT_TYPE
    return Attributes(content_type, headers, given.get("Metadata", {}), tags_of_header(given.get("Tagging", "")))


def refuse_options(given: Mapping[str, Any]) -> None:
    """Raises for access control lists, locks, customers' keys: nothing is taken that would then be ignored."""
    if given.get("ACL", "private") not in _OWN_ACLS or any(given.get(name) for name in _GRANTS):
        raise aws_error("AccessControlListNotSupported", "The bucket does not allow ACLs")
    if any(given.get(name) for name in _LOCKS):
        raise invalid_request("Bucket is missing Object Lock Configuration")
    if given.get("SSECustomerAlgorithm") or given.get("CopySourceSSECustomerAlgorithm"):
        raise NotImplementedHere("Encryption with keys that the customer sends (SSE-C) is not part of this playground.")
    if given.get("WriteOffsetBytes") is not None:
        raise NotImplementedHere("Appending to objects is not part of this playground.")
    if given.get("ServerSideEncryption", "AES256") not in ("AES256", "aws:kms", "aws:kms:dsse"):
        raise invalid_argument(
            "The encryption method specified is not supported", "x-amz-server-side-encryption", given["ServerSideEncryption"]
        )


def tags_of_header(header: str) -> dict[str, str]:
    """{key: value} of key1=value1&key2=value2. Raises InvalidArgument, InvalidTag."""
    pairs = [{"Key": key, "Value": value} for key, value in parse_qsl(header, keep_blank_values=True)]
    return buckets.tags_from(pairs, buckets.MOST_OBJECT_TAGS)


def conditions_of(call: Call, prefix: str = "") -> Conditions:
    """If-Match and its like; with *prefix* "CopySource" those for the source of a copy."""
    given = call.input
    return Conditions(
        given.get(f"{prefix}IfMatch"),
        given.get(f"{prefix}IfNoneMatch"),
        given.get(f"{prefix}IfModifiedSince"),
        given.get(f"{prefix}IfUnmodifiedSince"),
    )


def write_conditions_of(call: Call) -> Conditions:
    """If-Match and If-None-Match of a call that writes; the latter takes no more than an asterisk."""
    conditions = conditions_of(call)
    if conditions.if_none_match not in (None, "*"):
        raise NotImplementedHere("A header you provided implies functionality that is not implemented: If-None-Match takes only * here.")
    return Conditions(conditions.if_match, conditions.if_none_match)


def source_of(call: Call) -> tuple[Bucket, str, str | None]:
    """(bucket, key, version id) of x-amz-copy-source. Raises InvalidArgument, NoSuchBucket, AccessDenied."""
    text = call.input.get("CopySource", "")
    path, _, query = text.partition("?versionId=")
    name, slash, key = unquote(path).removeprefix("/").partition("/")
    if not slash or not name or not key:
        message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
        raise invalid_argument(message, "x-amz-copy-source", text)
    bucket = _bucket_named(call, name, call.input.get("ExpectedSourceBucketOwner"))
    return bucket, key, query or None


def quoted(etag: str) -> str:
    """An ETag as it stands in answers."""
    return f'"{etag}"'


def encryption(row: StoredObject) -> Answer:
    """Of members that answers to writing calls have."""
    return {name: row.headers[name] for name in _ENCRYPTION if name in row.headers}


def owner(account_id: str) -> Answer:
    """Owner: the canonical user id of an account."""
    return {"ID": account_id.rjust(64, "0")}


def encoder(call: Call) -> Encoder:
    """What writes keys into an answer: as they are, or URL-encoded where the caller wants that. Raises InvalidArgument."""
    kind = call.input.get("EncodingType")
    if kind is None:
        return lambda text: text
    if kind != "url":
        raise invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", kind)
    return lambda text: None if text is None else quote_plus(text, safe="/*-._")


def limit_of(call: Call, member: str, parameter: str, most: int = 1000) -> int:
    """How many items a page may have. Raises InvalidArgument."""
    limit: int = call.input.get(member, most)
    if limit < 0:
        message = f"Argument {parameter} must be an integer between 0 and 2147483647"
        raise invalid_argument(message, parameter, limit)
    return min(limit, most)


def location(call: Call, bucket: str, key: str) -> str:
    """The object's address, in the style in which the caller addressed the bucket."""
    path = quote_plus(key, safe="/")
    is_virtual = bool(virtual_hosts.bucket_of(call.headers.get("host", "")))
    return f"{call.endpoint}/{path}" if is_virtual else f"{call.endpoint}/{bucket}/{path}"
