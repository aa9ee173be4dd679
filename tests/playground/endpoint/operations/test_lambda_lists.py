"""Lists in pages: whole, in order, nothing twice; and the address that code is downloaded from."""

import uuid
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import ROLE, answering, create, zipped

ACCOUNT = "888888888888"
SEVEN = [f"item-{number}" for number in range(7)]


@pytest.fixture(scope="module")
def client(stack: Trial) -> Any:
    """An account of its own, with seven of each."""
    lambda_ = stack.boto3("lambda", aws_access_key_id=ACCOUNT)
    for name in SEVEN:
        arguments = {"Runtime": "python3.12", "Handler": "m.handler", "Role": ROLE.replace("0" * 12, ACCOUNT)}
        lambda_.create_function(FunctionName=name, Code={"ZipFile": answering("0")}, **arguments)
        lambda_.publish_layer_version(LayerName=name, Content={"ZipFile": zipped({"python/x.py": ""})})
    lambda_.get_waiter("function_active_v2").wait(FunctionName="item-0")
    for number in range(6):
        lambda_.publish_layer_version(LayerName="item-0", Content={"ZipFile": zipped({"python/x.py": str(number)})})
        lambda_.update_function_code(FunctionName="item-0", ZipFile=answering(str(number + 1)))
        lambda_.get_waiter("function_updated_v2").wait(FunctionName="item-0")
        lambda_.publish_version(FunctionName="item-0")
    for name in SEVEN:
        lambda_.create_alias(FunctionName="item-0", Name=name, FunctionVersion="1")
    return lambda_


LISTS = [
    ("list_functions", {}, "Functions", "FunctionName", SEVEN),
    ("list_versions_by_function", {"FunctionName": "item-0"}, "Versions", "Version", ["$LATEST", *"123456"]),
    ("list_aliases", {"FunctionName": "item-0"}, "Aliases", "Name", SEVEN),
    ("list_layers", {}, "Layers", "LayerName", SEVEN),
    ("list_layer_versions", {"LayerName": "item-0"}, "LayerVersions", "Version", [7, 6, 5, 4, 3, 2, 1]),
]


@pytest.mark.parametrize(("operation", "arguments", "key", "member", "expected"), LISTS, ids=[each[0] for each in LISTS])
@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_pages_make_up_the_whole(
    client: Any, operation: str, arguments: dict[str, str], key: str, member: str, expected: list[Any], size: int
) -> None:
    pages = list(client.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}, **arguments))

    assert [each[member] for page in pages for each in page[key]] == expected
    assert max(len(page[key]) for page in pages) <= size
    assert len(pages) == -(-len(expected) // size)


@pytest.mark.parametrize(("operation", "arguments"), [each[:2] for each in LISTS], ids=[each[0] for each in LISTS])
def test_a_marker_that_nobody_gave_is_refused(client: Any, operation: str, arguments: dict[str, str]) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(Marker="never given", **arguments)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_all_versions_of_all_functions(client: Any) -> None:
    listed = [each for page in client.get_paginator("list_functions").paginate(FunctionVersion="ALL") for each in page["Functions"]]

    assert {(each["FunctionName"], each["Version"]) for each in listed} == {
        *((name, "$LATEST") for name in SEVEN),
        *(("item-0", str(number)) for number in range(1, 7)),
    }


def test_a_code_address_needs_no_signature_and_lives_ten_minutes(client: Any) -> None:
    location = client.get_function(FunctionName="item-0")["Code"]["Location"]
    assert urllib3.request("GET", location).data == answering("6")

    path, _, seal = location.rpartition(":")
    for wrong in (f"{path}:{seal[::-1]}", location.replace("/code/", "/code/x"), location[:-1]):
        assert urllib3.request("GET", wrong).status in (403, 404)


def test_names_of_other_accounts_stay_theirs(client: Any, stack: Trial) -> None:
    stranger = stack.boto3("lambda", aws_access_key_id="999999999999")
    create(stranger, f"other{uuid.uuid4().hex[:6]}", answering("1"), Role=ROLE.replace("0" * 12, "999999999999"))
    for call in (stranger.get_function, stranger.invoke, stranger.delete_function):
        with pytest.raises(ClientError) as refused:
            call(FunctionName=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:item-0")
        assert refused.value.response["Error"]["Code"] in {"AccessDeniedException", "ResourceNotFoundException"}
    assert not set(SEVEN) & {each["FunctionName"] for each in stranger.list_functions()["Functions"]}
