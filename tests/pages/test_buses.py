"""Event buses and schedules as a person uses them: rules made, events put and explained, an archive replayed, schedules watched."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.site import BUSY, Site
from tests.pages.test_functions import submit
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]


@pytest.fixture
def events(site: Site) -> Any:
    """boto3 for the busy account's buses."""
    site.requests  # noqa: B018  # the busy account is there
    return site.client(service="events")


def put(events: Any, bus: str, detail: dict[str, Any]) -> None:
    events.put_events(Entries=[{"EventBusName": bus, "Source": "shop", "DetailType": "Order", "Detail": json.dumps(detail)}])


@pytest.mark.parametrize("scripts", [True, False])
def test_a_rule_is_made_and_its_event_arrives_and_is_explained(open_page: OpenPage, events: Any, site: Site, scripts: bool) -> None:
    bus, queue = f"made-{scripts}", f"made-orders-{scripts}"
    events.create_event_bus(Name=bus)
    url = site.client(service="sqs").create_queue(QueueName=queue)["QueueUrl"]
    page = open_page(f"/resources/buses/{bus}/", scripts=scripts)
    page.fill("#rule-name", "large")
    page.fill("#rule-event_pattern", '{"detail": {"total": [{"numeric": [">", 100]}]}}')
    submit(page.get_by_role("button", name="Create rule"))
    page.fill("#target-arn", f"queue {queue}")
    submit(page.get_by_role("button", name="Add target"))
    expect(page.locator(".rule-targets")).to_have_text(re.compile(f"{queue} *queue"))

    page.fill("#put-detail", '{"total": 99}')
    submit(page.get_by_role("button", name="Which rules?"))
    expect(page.locator(".verdicts")).to_contain_text("detail.total: numeric > 100, got 99")
    page.fill("#put-detail", '{"total": 101}')
    submit(page.get_by_role("button", name=re.compile("Put event")))
    page.locator(".events a.cover").first.click()
    expect(page.locator(".verdicts")).to_contain_text("detail.total: numeric > 100, got 101")
    (message,) = site.client(service="sqs").receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    assert json.loads(message["Body"])["detail"] == {"total": 101}


def test_events_come_by_themselves_with_the_rules_that_matched(open_page: OpenPage, events: Any) -> None:
    events.create_event_bus(Name="watched")
    page = open_page("/resources/buses/watched/")
    is_live(page)
    events.put_rule(Name="all", EventBusName="watched", EventPattern='{"source": ["shop"]}')
    expect(page.locator(".rules")).to_contain_text("all")
    put(events, "watched", {"order": 1})
    expect(page.locator(".events tbody tr")).to_contain_text(["all"])
    expect(page.locator(".rule-edge")).to_have_text("1 matched")


def test_a_replay_is_started_and_its_end_is_seen(open_page: OpenPage, events: Any) -> None:
    events.create_event_bus(Name="replayed")
    events.create_archive(ArchiveName="replayed", EventSourceArn=f"arn:aws:events:us-east-1:{BUSY}:event-bus/replayed")
    put(events, "replayed", {"order": 1})
    page = open_page("/resources/buses/replayed/?tab=archives")
    is_live(page)
    page.fill("#replay-name", "seen")
    submit(page.get_by_role("button", name="Start replay"))
    expect(page.locator("#replays")).to_contain_text("COMPLETED", timeout=20_000)
    page.get_by_role("link", name="Rules and events").click()
    expect(page.locator(".events tbody tr")).to_have_count(2)
    expect(page.locator(".events tbody tr").first).to_contain_text("seen")


def test_a_schedule_counts_down_on_the_accounts_clock(open_page: OpenPage, site: Site) -> None:
    account = "343434343434"
    site.open_account(account)
    site.client(account, "sqs").create_queue(QueueName="ticks")
    site.set_clock(account, rate=60)
    page = open_page("/resources/schedules/", account_id=account)
    page.fill("#schedule-name", "tick")
    page.fill("#schedule-expression", "rate(10 minutes)")
    page.fill("#schedule-target", "queue ticks")
    submit(page.get_by_role("button", name="Create schedule"))
    expect(page.locator(".next-due")).to_contain_text(re.compile("next in [0-9] min"))
    is_live(page)
    first = page.locator(".next-due time").get_attribute("data-due")
    expect(page.locator(".next-due time")).not_to_have_attribute("data-due", str(first), timeout=20_000)
    submit(page.get_by_role("button", name="Disable"))
    expect(page.locator(".next-due")).to_have_text("disabled")
    site.set_clock(account, rate=1)
