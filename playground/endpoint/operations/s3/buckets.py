"""Buckets: made, listed, deleted; and where they are."""

import base64
import binascii

from invocations.errors import NotImplementedHere
from invocations.region import REGION
from invocations.resources import buckets
from invocations.services.s3.access import bucket_arn
from invocations.services.s3.errors import invalid_argument
from playground.endpoint.operations.s3.common import Answer, bucket_of, limit_of, owner, refuse_options
from playground.endpoint.registry import Call, operation


@operation("s3", "CreateBucket")
def create_bucket(call: Call) -> Answer:
    """A bucket; its name is taken for all accounts."""
    given = call.input
    refuse_options(given)
    if given.get("ObjectLockEnabledForBucket"):
        raise NotImplementedHere("Object Lock is not part of this playground.")
    if given.get("ObjectOwnership", "BucketOwnerEnforced") != "BucketOwnerEnforced":
        raise NotImplementedHere("Buckets here belong to their owners alone: ObjectOwnership can be BucketOwnerEnforced only.")
    configuration = given.get("CreateBucketConfiguration", {})
    if configuration.get("Location") or configuration.get("Bucket"):
        raise NotImplementedHere("Directory buckets are not part of this playground.")
    bucket = buckets.create(call.principal.account_id, given["Bucket"], configuration.get("LocationConstraint"))
    if configuration.get("Tags"):
        buckets.set_tags(bucket, buckets.tags_from(configuration["Tags"], buckets.MOST_BUCKET_TAGS))
    return {"Location": f"/{bucket.name}", "BucketArn": bucket_arn(bucket.name)}


@operation("s3", "HeadBucket")
def head_bucket(call: Call) -> Answer:
    """Whether it is there, and the caller's."""
    bucket = bucket_of(call)
    return {"BucketRegion": REGION, "BucketArn": bucket_arn(bucket.name), "AccessPointAlias": False}


@operation("s3", "DeleteBucket")
def delete_bucket(call: Call) -> Answer:
    """An empty one."""
    buckets.delete(call.principal.account_id, call.input["Bucket"], call.input.get("ExpectedBucketOwner"))
    return {}


@operation("s3", "ListBuckets")
def list_buckets(call: Call) -> Answer:
    """The caller's, by name."""
    account_id, prefix = call.principal.account_id, call.input.get("Prefix", "")
    token = call.input.get("ContinuationToken", "")
    try:
        after = base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError):
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token) from None
    is_elsewhere = call.input.get("BucketRegion", REGION) != REGION
    limit = limit_of(call, "MaxBuckets", "max-buckets", buckets.MOST_LISTED) or buckets.MOST_LISTED
    rows, last = ([], None) if is_elsewhere else buckets.list_all(account_id, prefix, after, limit)
    return {
        "Buckets": [
            {"Name": row.name, "CreationDate": row.created_at, "BucketRegion": REGION, "BucketArn": bucket_arn(row.name)} for row in rows
        ],
        "Owner": owner(account_id),
        "Prefix": prefix or None,
        "ContinuationToken": base64.urlsafe_b64encode(last.encode()).decode() if last else None,
    }


@operation("s3", "GetBucketLocation")
def get_bucket_location(call: Call) -> Answer:
    """The Region; nothing for us-east-1, which once was the only one."""
    bucket_of(call)
    return {"LocationConstraint": None if REGION == buckets.NORTH_VIRGINIA else REGION}
