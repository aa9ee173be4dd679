"""The playground: code, event, fire, and what comes of it, on one screen."""

from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from invocations.errors import AwsError
from invocations.models import Function
from invocations.models.account import DEFAULT_ACCOUNT_ID
from invocations.resources import samples
from playground.dashboard import activity
from playground.dashboard.fire_panel import panel
from playground.dashboard.flow import flow
from playground.dashboard.recent import Recent
from playground.dashboard.recording import recorded
from playground.dashboard.web import DashboardRequest, endpoint_url, wants_fragment
from playground.dashboard.workbench import Workbench, deploy, open_bench

PAGE = "dashboard/playground.html"


@require_GET
def default_account(request: HttpRequest) -> HttpResponse:
    """`/` is the playground of the default account."""
    return redirect("playground", account_id=DEFAULT_ACCOUNT_ID)


@require_GET
def playground(request: DashboardRequest) -> HttpResponse:
    """The page; for htmx the code panel of another function."""
    account_id = request.account.account_id
    name = request.GET.get("fn") or first_function(account_id)
    bench = open_bench(account_id, name) if name else None
    if wants_fragment(request):
        return render(request, "dashboard/_code.html", {"bench": bench})
    fire = panel(account_id, endpoint_url(request), {**request.GET.dict(), "fn": name})
    recent = Recent(account_id)
    async_to_sync(recent.load)()
    context: dict[str, Any] = {
        "bench": bench,
        "fire": fire,
        "cli": fire.calls if name else [],
        "view": recorded(),
        "flow": flow(recorded()),
        "recent": recent,
        "activity": activity.of(account_id),
    }
    return render(request, PAGE, context)


@require_POST
def deploy_code(request: DashboardRequest) -> HttpResponse:
    """Deploys what is in the editor; a syntax error is shown at its line instead."""
    account_id, typed = request.account.account_id, request.POST
    name, text = typed.get("fn", ""), typed.get("text", "")
    try:
        bench = deploy(account_id, name, typed.get("path", ""), text, typed.get("revision_id", ""), anyway="anyway" in typed)
    except (AwsError, ValueError) as error:
        bench = open_bench(account_id, name)
        bench.typed, bench.error = text, f"{error.code}: {error.message}" if isinstance(error, AwsError) else str(error)
    return _show(request, bench)


@require_POST
def reset_sample(request: DashboardRequest) -> HttpResponse:
    """Makes a ready-made function what it was on the first day."""
    account_id, name = request.account.account_id, request.POST.get("fn", "")
    if name in samples.names():
        samples.restore(account_id, name)
    return _show(request, open_bench(account_id, name))


def first_function(account_id: str) -> str:
    """The sample to begin with, or whatever function there is."""
    names = set(Function.objects.of(account_id).values_list("name", flat=True))
    return next((name for name in samples.names() if name in names), min(names, default=""))


def _show(request: DashboardRequest, bench: Workbench) -> HttpResponse:
    status = 422 if bench.problem or bench.error else 200
    if wants_fragment(request):
        return render(request, "dashboard/_code.html", {"bench": bench}, status=status)
    if status == 200:
        return redirect(f"{reverse('playground', args=[request.account.account_id])}?{urlencode({'fn': bench.name})}")
    return render(request, "dashboard/code_refused.html", {"bench": bench}, status=status)
