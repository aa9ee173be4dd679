"""S3's errors. Source: S3 API Reference, "Error responses"; messages as S3 sends them."""

from typing import Any

from invocations.errors import AwsError, aws_error


def no_such_bucket(name: str) -> AwsError:
    """404."""
    return aws_error("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)


def no_such_key(key: str) -> AwsError:
    """404."""
    return aws_error("NoSuchKey", "The specified key does not exist.", 404, Key=key)


def no_such_version(key: str, version_id: str) -> AwsError:
    """404: objects here have the version "null" alone."""
    return aws_error("NoSuchVersion", "The specified version does not exist.", 404, Key=key, VersionId=version_id)


def no_such_upload(upload_id: str) -> AwsError:
    """404."""
    message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    return aws_error("NoSuchUpload", message, 404, UploadId=upload_id)


def access_denied() -> AwsError:
    """403: S3 says no more than that."""
    return aws_error("AccessDenied", "Access Denied", 403)


def invalid_argument(message: str, name: str, value: object) -> AwsError:
    """400, with the argument."""
    return aws_error("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)


def invalid_request(message: str) -> AwsError:
    """400."""
    return aws_error("InvalidRequest", message)


def malformed_xml() -> AwsError:
    """400."""
    return aws_error("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")


def bad_digest(message: str, **members: Any) -> AwsError:
    """400: the bytes are not those that were meant."""
    return aws_error("BadDigest", message, **members)


def precondition_failed(condition: str) -> AwsError:
    """412, with the header's name."""
    message = "At least one of the pre-conditions you specified did not hold"
    return aws_error("PreconditionFailed", message, 412, Condition=condition)


def not_modified(headers: dict[str, str]) -> AwsError:
    """304: an answer without a body, though to clients an error."""
    error = aws_error("NotModified", "Not Modified", 304)
    error.headers = headers
    return error


def invalid_range(asked: str, size: int) -> AwsError:
    """416."""
    return aws_error("InvalidRange", "The requested range is not satisfiable", 416, RangeRequested=asked, ActualObjectSize=size)
