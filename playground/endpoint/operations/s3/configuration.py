"""What can be set of a bucket or an object beside its content; and what AWS answers about what is not set."""

from invocations.errors import aws_error
from invocations.models import StoredObject
from invocations.resources import buckets
from invocations.services.s3 import objects
from playground.endpoint.operations.s3.common import Answer, bucket_of, owner
from playground.endpoint.registry import Call, operation

_MISSING = {
    "GetBucketCors": ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    "GetBucketLifecycleConfiguration": ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    "GetBucketReplication": ("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    "GetBucketWebsite": ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
    "GetObjectLockConfiguration": (
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
    "GetPublicAccessBlock": ("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
}
"""What a bucket answers about a configuration that it has not, and here cannot have."""
_NOTHING = (
    "GetBucketAccelerateConfiguration",
    "GetBucketLogging",
    "GetBucketNotificationConfiguration",
    "ListBucketAnalyticsConfigurations",
    "ListBucketIntelligentTieringConfigurations",
    "ListBucketInventoryConfigurations",
    "ListBucketMetricsConfigurations",
)
"""What is answered with an empty document where nothing is configured."""
_DELETED = (
    "DeleteBucketCors",
    "DeleteBucketEncryption",
    "DeleteBucketLifecycle",
    "DeleteBucketOwnershipControls",
    "DeleteBucketReplication",
    "DeleteBucketWebsite",
    "DeletePublicAccessBlock",
)
"""To take away what is not there does no harm."""


def _missing(call: Call) -> Answer:
    bucket = bucket_of(call)
    code, message = _MISSING[call.operation]
    raise aws_error(code, message, 404, BucketName=bucket.name)


def _nothing(call: Call) -> Answer:
    bucket_of(call)
    return {"IsTruncated": False} if call.operation.startswith("List") else {}


for _name in _MISSING:
    operation("s3", _name)(_missing)
for _name in _NOTHING + _DELETED:
    operation("s3", _name)(_nothing)


@operation("s3", "GetBucketRequestPayment")
def get_bucket_request_payment(call: Call) -> Answer:
    """The owner pays."""
    bucket_of(call)
    return {"Payer": "BucketOwner"}


@operation("s3", "GetBucketEncryption")
def get_bucket_encryption(call: Call) -> Answer:
    """That of every bucket since 2023 which has no other."""
    bucket_of(call)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


@operation("s3", "GetBucketOwnershipControls")
def get_bucket_ownership_controls(call: Call) -> Answer:
    """Buckets here belong to their owners alone."""
    bucket_of(call)
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}


@operation("s3", "GetBucketAcl")
def get_bucket_acl(call: Call) -> Answer:
    """The owner has full control, and nobody else anything."""
    return _acl(bucket_of(call).account_id)


@operation("s3", "GetObjectAcl")
def get_object_acl(call: Call) -> Answer:
    """The same of an object."""
    return _acl(_object_of(call).account_id)


def _acl(account_id: str) -> Answer:
    grantee = owner(account_id) | {"Type": "CanonicalUser"}
    return {"Owner": owner(account_id), "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}


@operation("s3", "GetBucketVersioning")
def get_bucket_versioning(call: Call) -> Answer:
    """As it was set."""
    return {"Status": bucket_of(call).versioning or None}


@operation("s3", "PutBucketVersioning")
def put_bucket_versioning(call: Call) -> Answer:
    """Stored: objects are kept in one version whatever it says."""
    buckets.set_versioning(bucket_of(call), call.input.get("VersioningConfiguration", {}).get("Status"))
    return {}


@operation("s3", "GetBucketPolicy")
def get_bucket_policy(call: Call) -> Answer:
    """As it was put."""
    bucket = bucket_of(call)
    if not bucket.policy:
        raise aws_error("NoSuchBucketPolicy", "The bucket policy does not exist", 404, BucketName=bucket.name)
    return {"Policy": bucket.policy}


@operation("s3", "PutBucketPolicy")
def put_bucket_policy(call: Call) -> Answer:
    """In force at once, beside the policies of those who ask."""
    buckets.set_policy(bucket_of(call), call.input.get("Policy", "") or " ")
    call.status = 204
    return {}


@operation("s3", "DeleteBucketPolicy")
def delete_bucket_policy(call: Call) -> Answer:
    """No policy from now on."""
    buckets.set_policy(bucket_of(call), "")
    return {}


@operation("s3", "GetBucketPolicyStatus")
def get_bucket_policy_status(call: Call) -> Answer:
    """Whether its policy makes the bucket public."""
    get_bucket_policy(call)
    return {"PolicyStatus": {"IsPublic": buckets.is_public(bucket_of(call))}}


@operation("s3", "GetBucketTagging")
def get_bucket_tagging(call: Call) -> Answer:
    """All tags. Raises NoSuchTagSet where there is none."""
    bucket = bucket_of(call)
    if not bucket.tags:
        raise aws_error("NoSuchTagSet", "The TagSet does not exist", 404, BucketName=bucket.name)
    return {"TagSet": _tag_set(bucket.tags)}


@operation("s3", "PutBucketTagging")
def put_bucket_tagging(call: Call) -> Answer:
    """These tags, and no others."""
    tags = call.input.get("Tagging", {}).get("TagSet", [])
    buckets.set_tags(bucket_of(call), buckets.tags_from(tags, buckets.MOST_BUCKET_TAGS))
    call.status = 204
    return {}


@operation("s3", "DeleteBucketTagging")
def delete_bucket_tagging(call: Call) -> Answer:
    """No tags."""
    buckets.set_tags(bucket_of(call), {})
    return {}


@operation("s3", "GetObjectTagging")
def get_object_tagging(call: Call) -> Answer:
    """All tags of an object."""
    return {"TagSet": _tag_set(_object_of(call).tags)}


@operation("s3", "PutObjectTagging")
def put_object_tagging(call: Call) -> Answer:
    """These tags, and no others."""
    tags = call.input.get("Tagging", {}).get("TagSet", [])
    objects.set_tags(_object_of(call), buckets.tags_from(tags, buckets.MOST_OBJECT_TAGS))
    return {}


@operation("s3", "DeleteObjectTagging")
def delete_object_tagging(call: Call) -> Answer:
    """No tags."""
    objects.set_tags(_object_of(call), {})
    return {}


def _object_of(call: Call) -> StoredObject:
    return objects.find(bucket_of(call), call.input["Key"], call.input.get("VersionId"))


def _tag_set(tags: dict[str, str]) -> list[Answer]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
