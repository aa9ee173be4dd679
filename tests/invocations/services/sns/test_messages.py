"""What is refused of a message's attributes, in the words recorded on AWS (LocalStack's snapshots, 2024)."""

from typing import Any

import pytest

from invocations.errors import AwsError
from invocations.services.sns.messages import Message, check_attributes

EMPTY = "The message attribute 'a' must contain non-empty message attribute value for message attribute type '{}'."
TYPES = "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."


@pytest.mark.parametrize(
    ("name", "attribute", "message"),
    [
        ("a", {"DataType": "String", "StringValue": ""}, EMPTY.format("String")),
        ("a", {"DataType": "String"}, EMPTY.format("String")),
        ("a", {"DataType": "Binary", "BinaryValue": b""}, EMPTY.format("Binary")),
        ("a", {"DataType": "String", "BinaryValue": b"x"}, "The message attribute 'a' with type 'String' must use field 'String'."),
        ("a", {"DataType": "Number", "BinaryValue": b"x"}, "The message attribute 'a' with type 'Number' must use field 'String'."),
        ("a", {"DataType": "Binary", "StringValue": "x"}, "The message attribute 'a' with type 'Binary' must use field 'Binary'."),
        ("a", {"DataType": "Stringprefixed", "StringValue": "x"}, TYPES),
        *(
            ("a", {"DataType": "Number", "StringValue": text}, "Could not cast message attribute 'a' value to number.")
            for text in ("x", "1_000", "nan", "Infinity", " 1", "٣", "1e", ".", "1e400", "1.1e126", "-9e-129", "1" * 39, "1e99999")
        ),
        ("a" * 257, {"DataType": "String", "StringValue": "x"}, "Length of message attribute name must be less than 256 bytes."),
        (
            "a^",
            {"DataType": "String", "StringValue": "x"},
            "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, "
            "hyphens, underscores, or dots.",
        ),
        (
            ".a",
            {"DataType": "String", "StringValue": "x"},
            "Invalid message attribute name starting with character '.' was found.",
        ),
        ("a.", {"DataType": "String", "StringValue": "x"}, "Invalid message attribute name ending with character '.' was found."),
        ("a..b", {"DataType": "String", "StringValue": "x"}, "Message attribute name can not have successive '.' character."),
    ],
)
def test_an_attribute_that_cannot_be_is_refused(name: str, attribute: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError) as refused:
        check_attributes({name: attribute})
    assert (refused.value.code, refused.value.message) == ("ParameterValueInvalid", message)


@pytest.mark.parametrize("kind", ["String", "String.Array", "Number", "Number.Prefixed", "Binary.gif"])
def test_types_may_have_a_name_of_their_own(kind: str) -> None:
    value = {"BinaryValue": b"1"} if kind.startswith("Binary") else {"StringValue": "1"}
    check_attributes({"a-b.c_1": {"DataType": kind, **value}})


def test_the_size_counts_names_types_and_values() -> None:
    attributes = {"name": {"DataType": "String", "StringValue": "ä"}, "b": {"DataType": "Binary", "BinaryValue": b"123"}}
    assert Message("ö", attributes=attributes).size == 2 + (4 + 6 + 2) + (1 + 6 + 3)


@pytest.mark.parametrize("text", ["0", "-1", "+1.5", ".5", "5.", "1e3", "1.5E-7", "0e9999", "-1e126", "1e-128", "1" * 38 + "0" * 88])
def test_numbers_are_taken(text: str) -> None:
    check_attributes({"a": {"DataType": "Number", "StringValue": text}})
