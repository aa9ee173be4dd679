"""The account's clock: how fast it runs, whether it runs, and what is due on it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from invocations import account_clock
from invocations.errors import ValidationException
from playground.dashboard import call_as
from playground.dashboard.account_time import panel_context
from playground.dashboard.web import DashboardRequest, came_from, endpoint_url, wants_fragment


@require_http_methods(["GET", "HEAD", "POST"])
def clock_page(request: DashboardRequest) -> HttpResponse:
    """The page; a change answers with its panel for htmx, and otherwise leads back to it."""
    account_id = request.account.account_id
    problem, status = "", 200
    if request.method == "POST":
        try:
            account_clock.change(account_id, **_wanted(request.POST.dict()))
        except ValidationException as error:
            problem, status = str(error.message), 422
        if status == 200 and not request.htmx:
            return redirect(came_from(request, reverse("settings-clock", args=[account_id])))
    context: dict[str, Any] = {**panel_context(account_id), "problem": problem}
    if wants_fragment(request):
        return render(request, "dashboard/_clock_panel.html", context, status=status)
    context["cli"] = call_as.clock(account_id, endpoint_url(request))
    return render(request, "dashboard/clock.html", context, status=status)


def _wanted(sent: dict[str, str]) -> dict[str, Any]:
    """The arguments of account_clock.change for a form with `rate`, `paused` or `skip`. Raises ValidationException."""
    wanted: dict[str, Any] = {"skip": sent.get("skip") == "next"}
    if "rate" in sent:
        if not sent["rate"].isdecimal():
            raise ValidationException(f"The clock runs at one of the rates {', '.join(map(str, account_clock.RATES))}.")
        wanted["rate"] = int(sent["rate"][:9])
    if "paused" in sent:
        wanted["paused"] = sent["paused"] == "true"
    return wanted
