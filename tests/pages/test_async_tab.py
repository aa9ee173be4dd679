"""The Asynchronous tab of a function: what is set there, what is asked before something is lost, and what AWS refuses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Page, expect

from tests.pages.site import BUSY, Site
from tests.pages.test_functions import OpenPage, made, submit

__all__ = ["made"]

QUEUE = f"arn:aws:sqs:us-east-1:{BUSY}:"


def config_of(site: Site, name: str, **qualifier: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client().get_function_event_invoke_config(FunctionName=name, **qualifier)
    return found


def save(page: Page) -> None:
    submit(page.locator("[data-save-button]"))


@pytest.mark.parametrize("scripts", [True, False])
def test_each_qualifier_is_configured_for_itself(open_page: OpenPage, site: Site, made: str, scripts: bool) -> None:
    site.client().publish_version(FunctionName=made)
    site.client().create_alias(FunctionName=made, Name="live", FunctionVersion="1")
    page = open_page(f"/functions/{made}/async/", scripts=scripts)
    expect(page.locator(".try strong")).to_have_text(["Try 1", "Try 2", "Try 3", "Age limit"])
    page.get_by_role("link", name="live", exact=True).click()
    page.fill("#id_maximum_event_age_in_seconds", "120")
    page.select_option("#id_maximum_retry_attempts", "2")
    page.select_option("#id_on_success", label="echo")
    page.select_option("#id_on_failure", label="parcels")
    save(page)

    expect(page.locator(".try strong")).to_have_text(["Try 1", "Try 2", "Age limit", "Try 3"])
    expect(page.locator(".way").first).to_contain_text("echo function")
    expect(page.locator(".way").nth(1).get_by_role("link")).to_have_attribute("href", f"/w/{BUSY}/resources/queues/parcels/")
    expect(page.get_by_role("link", name="live has a configuration of its own")).to_be_visible()
    config = config_of(site, made, Qualifier="live")
    assert (config["MaximumEventAgeInSeconds"], config["MaximumRetryAttempts"]) == (120, 2)
    assert config["DestinationConfig"] == {
        "OnSuccess": {"Destination": f"arn:aws:lambda:us-east-1:{BUSY}:function:echo"},
        "OnFailure": {"Destination": f"{QUEUE}parcels"},
    }
    with pytest.raises(ClientError, match="doesn't have an EventInvokeConfig"):
        config_of(site, made)

    submit(page.get_by_role("button", name="Back to the defaults"))
    expect(page.locator("main")).to_contain_text("all defaults")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_would_be_lost_is_shown_before_it_is(open_page: OpenPage, site: Site, made: str, scripts: bool) -> None:
    failures = {"OnFailure": {"Destination": f"{QUEUE}parcels"}}
    site.client().put_function_event_invoke_config(FunctionName=made, DestinationConfig=failures)
    page = open_page(f"/functions/{made}/async/", scripts=scripts)
    page.select_option("#id_on_success", label="echo")  # nothing is lost by that
    page.select_option("#id_on_failure", label="parcels-dlq")
    save(page)

    expect(page.locator(".replaces")).to_contain_text("On failure was parcels (queue)")
    expect(page.locator(".replaces ins")).to_have_text("parcels-dlq (queue)")
    assert config_of(site, made)["DestinationConfig"] == {"OnSuccess": {}, **failures}

    page.select_option("#id_on_failure", label="nothing")  # something else than what was shown: asked again
    submit(page.get_by_role("button", name="Replace and save"))
    expect(page.locator(".replaces ins")).to_have_text("nothing")
    submit(page.get_by_role("button", name="Replace and save"))

    expect(page.locator(".replaces")).to_have_count(0)
    destination = f"arn:aws:lambda:us-east-1:{BUSY}:function:echo"
    assert config_of(site, made)["DestinationConfig"] == {"OnSuccess": {"Destination": destination}, "OnFailure": {}}


def test_what_aws_refuses_is_said_at_the_field_in_its_words(open_page: OpenPage, site: Site, made: str) -> None:
    sqs = site.client(service="sqs")
    url = sqs.create_queue(QueueName=f"{made}-q"[-80:])["QueueUrl"]
    page = open_page(f"/functions/{made}/async/")
    page.fill("#id_maximum_event_age_in_seconds", "59")
    save(page)
    field = page.locator(".field", has=page.locator("#id_maximum_event_age_in_seconds"))
    expect(field.locator(".errors")).to_contain_text("Member must have value greater than or equal to 60 (ValidationException)")

    page.fill("#id_maximum_event_age_in_seconds", "60")
    page.select_option("#id_on_failure", label=url.rpartition("/")[2])
    sqs.delete_queue(QueueUrl=url)
    save(page)
    field = page.locator(".field", has=page.locator("#id_on_failure"))
    expect(field.locator(".errors")).to_contain_text("is invalid. (InvalidParameterValueException)")
    expect(page.locator("#id_on_failure")).to_have_value(QUEUE + url.rpartition("/")[2])
    with pytest.raises(ClientError, match="doesn't have an EventInvokeConfig"):
        config_of(site, made)


def test_a_dead_letter_queue_is_set_replaced_and_kept_by_a_version(open_page: OpenPage, site: Site, made: str) -> None:
    client = site.client()
    page = open_page(f"/functions/{made}/async/")
    page.select_option("#id_target_arn", label="parcels-dlq")
    submit(page.get_by_role("button", name="Save dead-letter queue"))
    expect(page.locator(".way").last).to_contain_text("parcels-dlq")
    client.get_waiter("function_updated_v2").wait(FunctionName=made)
    client.publish_version(FunctionName=made)

    page.select_option("#id_target_arn", label="nothing")
    submit(page.get_by_role("button", name="Save dead-letter queue"))
    expect(page.locator(".replaces")).to_contain_text("was parcels-dlq (queue)")
    submit(page.get_by_role("button", name="Replace and save"))
    expect(page.locator(".way").last).to_contain_text("The event is lost.")

    page.get_by_role("link", name="1", exact=True).click()
    expect(page.locator(".way").last).to_contain_text("parcels-dlq")
    expect(page.locator("main")).to_contain_text(f"Version 1 was published with {QUEUE}parcels-dlq")
    assert "DeadLetterConfig" not in client.get_function_configuration(FunctionName=made)


def test_recursive_loops_are_allowed_and_stopped(open_page: OpenPage, site: Site, made: str) -> None:
    page = open_page(f"/functions/{made}/async/")
    page.select_option("#id_recursive_loop", "Allow")
    submit(page.get_by_role("button", name="Save recursive loops"))
    expect(page.locator("#id_recursive_loop")).to_have_value("Allow")
    assert site.client().get_function_recursion_config(FunctionName=made)["RecursiveLoop"] == "Allow"


def test_a_target_that_has_gone_is_shown_as_gone(open_page: OpenPage) -> None:
    page = open_page("/functions/hello/async/")
    expect(page.locator(".way").nth(1)).to_contain_text("going queue no longer there")
    expect(page.locator("#id_on_failure option:checked")).to_have_text("going (no longer there)")


def test_no_qualifier_of_that_name(open_page: OpenPage) -> None:
    page = open_page("/functions/hello/async/?qualifier=nobody", status=404)
    expect(page.locator("main")).to_contain_text("hello has no version or alias nobody.")
