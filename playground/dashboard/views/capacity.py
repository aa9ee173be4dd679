"""Concurrency, live: the page, the load that it starts and stops, and the limits beside the picture."""

from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from invocations import limits
from invocations.errors import AwsError, ServiceException
from invocations.execution import dispatch
from invocations.models import Function
from invocations.resources import concurrency, functions, quotas
from playground.dashboard import capacity, console_trail
from playground.dashboard.api_call import ApiCall
from playground.dashboard.capacity import Capacity, Promises
from playground.dashboard.capacity_forms import KnobsForm, LoadForm
from playground.dashboard.changes import saved
from playground.dashboard.web import DashboardRequest, wants_fragment

PLOTTED_SECONDS = 120
_NOTHING: dict[str, Any] = {
    "limit": limits.ACCOUNT_CONCURRENCY,
    "unreserved": limits.ACCOUNT_CONCURRENCY,
    "used": 0,
    "pools": {},
    "environment_count": 0,
    "environments": [],
    "series": [],
    "load": None,
}
"""What is shown while the service is away; the page makes it good by itself."""


@require_GET
def capacity_page(request: DashboardRequest) -> HttpResponse:
    """The page; `?fn=` chooses the function that the forms speak of."""
    return _show(request)


@require_POST
def start(request: DashboardRequest) -> HttpResponse:
    """Begins a load."""
    account_id = request.account.account_id
    form = _load_form(_names(account_id), request.POST)
    if saved(form, lambda: _start(account_id, form.spec())):
        return _answer(request, "dashboard/_load_now.html", form.cleaned_data["function"])
    return _show(request, 422, load_form=form)


@require_POST
def stop(request: DashboardRequest) -> HttpResponse:
    """Stops it."""
    async_to_sync(dispatch.stop_load)(request.account.account_id)
    return _answer(request, "dashboard/_load_now.html")


@require_POST
def knobs(request: DashboardRequest) -> HttpResponse:
    """Sets the account's limit and a function's reservation."""
    account_id = request.account.account_id
    form = _knobs_form(_names(account_id), request.POST)
    if saved(form, lambda: _turn(account_id, form.cleaned_data), {'"concurrent_executions"': "concurrent_executions"}):
        return _answer(request, "dashboard/_capacity_pool.html", form.cleaned_data["function"])
    return _show(request, 422, knobs_form=form)


def _start(account_id: str, spec: dict[str, Any]) -> None:
    functions.function_of(account_id, spec["function"])
    async_to_sync(dispatch.start_load)(account_id, spec)


def _turn(account_id: str, wanted: dict[str, Any]) -> None:
    """Both or neither. The reservation is the call that the trail shows; the limit is none of the API's."""
    name, reserved = wanted["function"], wanted["reserved"]
    with transaction.atomic():
        if name and reserved is None:
            concurrency.delete(account_id, name)
        quotas.change(account_id, {"concurrent_executions": wanted["concurrent_executions"]})
        if name and reserved is not None:
            concurrency.put(account_id, name, reserved)
    if name and reserved is None:
        console_trail.made.set(ApiCall("lambda", "DeleteFunctionConcurrency", {"FunctionName": name}))
    elif name:
        members = {"FunctionName": name, "ReservedConcurrentExecutions": reserved}
        console_trail.made.set(ApiCall("lambda", "PutFunctionConcurrency", members))


def _answer(request: DashboardRequest, template: str, function: str = "") -> HttpResponse:
    """The region that has changed for htmx, else back to the page."""
    account_id = request.account.account_id
    if not wants_fragment(request):
        return redirect(reverse("capacity", args=[account_id]) + (f"?fn={function}" if function else ""))
    return render(request, template, {"capacity": _view(account_id)})


def _show(request: DashboardRequest, status: int = 200, **forms: Any) -> HttpResponse:
    account_id = request.account.account_id
    names = _names(account_id)
    asked = request.GET.get("fn") or request.POST.get("function") or ("slow" if "slow" in names else "")
    view = _view(account_id)
    context = {
        "capacity": view,
        "load_form": _load_form(names, initial={"function": asked}),
        "knobs_form": _knobs_form(names, initial=_knobs(account_id, asked, view)),
        "has_functions": bool(names),
        "address": reverse("capacity", args=[account_id]) if request.method == "POST" else request.get_full_path(),
        **forms,
    }
    return render(request, "dashboard/capacity.html", context, status=status)


def _view(account_id: str) -> Capacity:
    try:
        snapshot = async_to_sync(dispatch.capacity)(account_id)
    except ServiceException:
        snapshot = {**_NOTHING, "limit": quotas.describe(account_id)["concurrent_executions"]}
    snapshot["series"] = snapshot["series"][-PLOTTED_SECONDS:]
    return capacity.of(account_id, snapshot, Promises.of(account_id))


def _knobs(account_id: str, name: str, view: Capacity) -> dict[str, Any]:
    try:
        reserved = concurrency.get(account_id, name) if name else None
    except AwsError:
        reserved = None
    return {"concurrent_executions": view.limit, "function": name, "reserved": reserved}


def _names(account_id: str) -> list[str]:
    return list(Function.objects.of(account_id).order_by("name").values_list("name", flat=True))


def _load_form(names: list[str], *args: Any, **kwargs: Any) -> LoadForm:
    return LoadForm(*args, choices={"function": [(name, name) for name in names]}, auto_id="load_%s", **kwargs)


def _knobs_form(names: list[str], *args: Any, **kwargs: Any) -> KnobsForm:
    return KnobsForm(*args, choices={"function": [("", "nobody"), *((name, name) for name in names)]}, auto_id="knob_%s", **kwargs)
