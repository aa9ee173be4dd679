"""The list of invocations: which its address asks for."""

import pytest

from invocations import clock
from invocations.models import Account, Invocation
from playground.dashboard.invocation_list import Filters, page, row_view
from playground.dashboard.triggers import TRIGGERS

ACCOUNT = "434343434343"


@pytest.mark.django_db
def test_what_was_triggered_by_one_thing_is_listed_alone() -> None:
    account = Account.objects.create(account_id=ACCOUNT)
    for source in TRIGGERS:
        now = clock.now()
        common = {
            "function_name": "orders",
            "state": "succeeded",
            "status_code": 200,
            "invocation_type": "Event",
            "steps": [],
            "caller": {},
            "received_at": now,
            "ended_at": now,
        }
        Invocation.objects.create(account=account, request_id=f"by-{source}", source=source, **common)
    for source, word in TRIGGERS.items():
        filters = Filters.parse({"trigger": word})
        (view,) = page(ACCOUNT, filters).views
        assert (view.request_id, view.trigger, filters.sentence) == (f"by-{source}", word, f"triggered by {word}")
        taken = [each.source for each in map(row_view, Invocation.objects.of(ACCOUNT)) if filters.takes(each)]
        assert taken == [source]
    told = {view.source: view.came_as for view in page(ACCOUNT, Filters()).views}
    assert [told[source] for source in ("api", "function-url", "sns")] == ["Event", "function URL", "Event · topic"]
    assert Filters.parse({"trigger": "nobody"}).query == ""
