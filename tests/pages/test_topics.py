"""Topics as a person uses them: made, subscribed to, published to, and looked at while what was published arrives."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.site import BUSY, Site
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]


@pytest.fixture
def sns(site: Site) -> Any:
    """boto3 for the busy account's topics."""
    site.requests  # noqa: B018  # the busy account is there
    return site.client(service="sns")


def a_topic(sns: Any) -> tuple[str, str]:
    """(name, ARN)"""
    name = f"topic-{uuid.uuid4().hex[:8]}"
    return name, sns.create_topic(Name=name)["TopicArn"]


def test_an_e_mail_address_is_subscribed_confirmed_in_the_inbox_and_written_to(open_page: OpenPage) -> None:
    name = f"topic-{uuid.uuid4().hex[:8]}"
    page = open_page("/resources/topics/")
    page.get_by_label("Topic name").fill(name)
    page.get_by_role("button", name="Create topic").click()
    page.get_by_label("Protocol", exact=True).select_option("email")
    page.get_by_label("Endpoint").fill("ada@example.com")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("it is asked to confirm")

    page.get_by_role("link", name=re.compile("^E-mail")).click()
    page.get_by_role("button", name="Confirm subscription of ada@example.com").click()
    expect(page.get_by_role("status").first).to_contain_text("ada@example.com is confirmed")

    page.get_by_role("link", name="Messages", exact=True).click()
    page.get_by_label("Message", exact=True).fill("The parcel is here.")
    page.get_by_label("Subject").fill("Parcel")
    page.get_by_role("button", name=re.compile("^Publish Ctrl")).click()
    expect(page.locator(".fates li")).to_contain_text(["delivered"])
    page.get_by_role("link", name=re.compile("^E-mail")).click()
    page.get_by_text("Parcel", exact=True).click()
    expect(page.locator(".mail-text").first).to_contain_text("The parcel is here.")


def test_what_others_publish_comes_by_itself_and_tells_what_became_of_it(open_page: OpenPage, sns: Any) -> None:
    name, arn = a_topic(sns)
    sns.subscribe(TopicArn=arn, Protocol="lambda", Endpoint=f"arn:aws:lambda:us-east-1:{BUSY}:function:echo")
    page = open_page(f"/resources/topics/{name}/")
    is_live(page)
    expect(page.get_by_text("Nothing was published here.")).to_be_visible()

    sns.publish(TopicArn=arn, Message="from elsewhere")

    expect(page.locator("#messages tr")).to_contain_text(["from elsewhere"])
    expect(page.locator("#subscribers tbody .state")).to_have_text("delivered", timeout=15_000)


def test_a_message_invokes_the_function_with_the_event_of_a_topic(open_page: OpenPage, sns: Any, site: Site) -> None:
    _, arn = a_topic(sns)
    site.create(BUSY, "hears-topics")
    site.let_in("hears-topics", "sns.amazonaws.com")
    sns.subscribe(TopicArn=arn, Protocol="lambda", Endpoint=f"arn:aws:lambda:us-east-1:{BUSY}:function:hears-topics")
    sns.publish(TopicArn=arn, Message="hello, function")

    page = open_page("/invocations/?fn=hears-topics")
    row = page.get_by_role("row").get_by_role("link", name="hears-topics").first
    expect(row).to_be_visible(timeout=15_000)
    row.click()
    expect(page.locator("main")).to_contain_text("hello, function")
