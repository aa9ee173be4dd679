"""The many forms in which AWS takes a function's name, brought to name and qualifier."""

from invocations.arn import FUNCTION_NAME_PATTERN, parse_function_name
from invocations.errors import (
    AccessDeniedException,
    InvalidParameterValueException,
    ResourceNotFoundException,
    ValidationException,
)
from invocations.region import REGION


def resolve(function_name: str, qualifier: str | None, account_id: str) -> tuple[str, str | None]:
    """Name and qualifier that FunctionName and Qualifier mean together.

    Raises ValidationException for no name at all, InvalidParameterValueException where the two contradict each other,
    ResourceNotFoundException for another Region's function, AccessDeniedException for another account's.
    """
    reference = parse_function_name(function_name)
    if reference is None:
        raise ValidationException(
            f"1 validation error detected: Value '{function_name}' at 'functionName' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {FUNCTION_NAME_PATTERN}"
        )
    if reference.region is not None and reference.region != REGION:
        raise ResourceNotFoundException(f"Functions from '{reference.region}' are not reachable in this region ('{REGION}')")
    if reference.account_id is not None and reference.account_id != account_id:
        raise AccessDeniedException(None)
    if reference.qualifier and qualifier and reference.qualifier != qualifier:
        raise InvalidParameterValueException("The derived qualifier from the function name does not match the specified qualifier.")
    return reference.name, reference.qualifier or qualifier


def unqualified(function_name: str, account_id: str) -> str:
    """The name, where only the function as a whole is meant; a qualifier in it is dropped."""
    return resolve(function_name, None, account_id)[0]
