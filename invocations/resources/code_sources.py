"""Where code comes from: an archive in the call itself, or an object in a bucket."""

from invocations import code_store, limits
from invocations.code_store import StoredCode
from invocations.errors import AccessDeniedException, AwsError, InvalidParameterValueException
from invocations.services import s3
from invocations.values import Members


def store(account_id: str, code: Members) -> StoredCode:
    """Stores what CreateFunction's Code, UpdateFunctionCode or a layer's Content brings. Raises what those raise."""
    if code.get("ImageUri"):
        raise InvalidParameterValueException("Container images cannot run on this server. Use a zip archive.")
    in_bucket = code.get("S3Bucket") or code.get("S3Key")
    if in_bucket and code.get("ZipFile"):
        raise InvalidParameterValueException("Please do not provide other FunctionCode parameters when providing a ZipFile.")
    if in_bucket:
        return _store_object(account_id, code)
    if not code.get("ZipFile"):
        raise InvalidParameterValueException("Please provide a source for function code.")
    return code_store.put(code["ZipFile"])


def _store_object(account_id: str, code: Members) -> StoredCode:
    """An archive from a bucket may be larger than one in a call: its unpacked size alone is bounded."""
    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if not bucket or not key:
        raise InvalidParameterValueException("Please provide both S3Bucket and S3Key.")
    try:
        row, reader = s3.get_object(account_id, bucket, key, code.get("S3ObjectVersion"))
    except AwsError as error:
        raise _refusal(error, bucket, key) from None
    if row.size > limits.UNZIPPED_CODE:
        reader.close()
        raise InvalidParameterValueException(f"Unzipped size must be smaller than {limits.UNZIPPED_CODE} bytes")
    return code_store.put(reader.read(), limits.UNZIPPED_CODE)


def _refusal(error: AwsError, bucket: str, key: str) -> AwsError:
    told = f"S3 Error Code: {error.code}. S3 Error Message: {error.message}"
    if error.code == "AccessDenied":
        wanted = f"please make sure your request credentials have permission to GetObject for {bucket}/{key}"
        return AccessDeniedException(f"Your access has been denied by S3, {wanted}. {told}")
    return InvalidParameterValueException(f"Error occurred while GetObject. {told}")
