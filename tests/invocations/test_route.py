from collections import Counter

import pytest

from invocations.errors import ResourceNotFoundException
from invocations.route import route
from tests.invocations.snapshots import ACCOUNT, a_function

ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"


def test_no_qualifier_means_latest_and_leaves_the_invoked_arn_unqualified() -> None:
    routed = route(a_function(versions=("1",)), None, draw=0.0)
    assert (routed.version.version, routed.invoked_function_arn, routed.alias) == ("$LATEST", ARN, None)


def test_a_version_number_is_that_version() -> None:
    routed = route(a_function(versions=("1", "2")), "2", draw=0.0)
    assert (routed.version.version, routed.invoked_function_arn) == ("2", f"{ARN}:2")


def test_an_alias_leads_to_its_version_and_stays_in_the_invoked_arn() -> None:
    routed = route(a_function(versions=("1",), aliases={"live": ("1", {})}), "live", draw=0.999)
    assert (routed.version.version, routed.invoked_function_arn, routed.alias) == ("1", f"{ARN}:live", "live")


def test_route_gives_the_additional_version_its_weight() -> None:
    function = a_function(versions=("1", "2"), aliases={"live": ("1", {"2": 0.25})})
    versions = Counter(route(function, "live", draw=n / 100).version.version for n in range(100))
    assert versions == {"1": 75, "2": 25}


def test_a_weight_of_one_takes_everything() -> None:
    function = a_function(versions=("1", "2"), aliases={"live": ("1", {"2": 1.0})})
    assert {route(function, "live", draw=n / 100).version.version for n in range(100)} == {"2"}


@pytest.mark.parametrize("qualifier", ["7", "nobody"])
def test_a_missing_qualifier_is_not_found_with_the_asked_arn(qualifier: str) -> None:
    with pytest.raises(ResourceNotFoundException) as raised:
        route(a_function(versions=("1",)), qualifier, draw=0.0)
    assert raised.value.message == f"Function not found: {ARN}:{qualifier}"


def test_provisioned_concurrency_of_the_alias_comes_before_its_versions() -> None:
    function = a_function(versions=("1",), aliases={"live": ("1", {})}, provisioned={"live": 2})
    assert route(function, "live", draw=0.0).provisioned_qualifier == "live"
    assert route(function, "1", draw=0.0).provisioned_qualifier is None


def test_provisioned_concurrency_of_a_version_serves_aliases_that_lead_to_it() -> None:
    function = a_function(versions=("1",), aliases={"live": ("1", {})}, provisioned={"1": 2})
    assert route(function, "live", draw=0.0).provisioned_qualifier == "1"
