"""What EventBridge calls the errors of targets in the messages of dead-letter queues.

Source: EventBridge User Guide, "Using dead-letter queues to process undelivered events".
"""

from invocations.errors import AwsError


def error_code(error: AwsError) -> str:
    """The ERROR_CODE attribute for what a target answered."""
    name = error.code
    if error.http_status == 429:
        return "THROTTLING"
    if "AccessDenied" in name or "NotAuthorized" in name or "AuthorizationError" in name:
        return "NO_PERMISSIONS"
    if "NotFound" in name or "NonExistentQueue" in name or "DoesNotExist" in name or name.startswith("NoSuch"):
        return "NO_RESOURCE"
    if "InvalidParameter" in name or "Validation" in name:
        return "INVALID_PARAMETER"
    return "INTERNAL_ERROR" if error.http_status >= 500 else "ERROR_FROM_TARGET"
