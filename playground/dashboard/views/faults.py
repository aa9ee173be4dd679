"""What is to go wrong on purpose: the faults of an account, and the form for another."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from invocations.models import Function
from invocations.resources import faults
from playground.dashboard import call_as
from playground.dashboard.changes import saved
from playground.dashboard.fault_form import WORDS, FaultForm
from playground.dashboard.web import DashboardRequest, endpoint_url

_FIELDS = {'"probability"': "percent", '"count"': "count", '"latency_ms"': "latency_ms", '"expires_in_seconds"': "expires_in_minutes"}


@require_http_methods(["GET", "HEAD", "POST"])
def faults_page(request: DashboardRequest) -> HttpResponse:
    """The page; a POST sets a fault, or with "delete" takes one ("all": every one) away."""
    account_id, back = request.account.account_id, reverse("settings-faults", args=[request.account.account_id])
    if request.method != "POST":
        return _show(request, _form(account_id, initial={"function": request.GET.get("fn", "")}))
    if "delete" in request.POST:
        _delete(account_id, request.POST["delete"])
        return redirect(f"{back}?gone")
    form = _form(account_id, request.POST)
    if saved(form, lambda: faults.create(account_id, form.wanted()), _FIELDS):
        return redirect(f"{back}?set")
    return _show(request, form, 422)


def _delete(account_id: str, what: str) -> None:
    if what == "all":
        faults.delete_all(account_id)
    elif what.isdecimal():
        faults.delete(account_id, int(what[:18]))


def _form(account_id: str, *args: object, **kwargs: object) -> FaultForm:
    names = Function.objects.of(account_id).order_by("name").values_list("name", flat=True)
    return FaultForm(*args, choices={"function": [(name, name) for name in names]}, **kwargs)


def _show(request: DashboardRequest, form: FaultForm, status: int = 200) -> HttpResponse:
    account_id = request.account.account_id
    said = {"set": "The fault is set, and acts from now on.", "gone": "It is gone: Lambda behaves again."}
    context = {
        "form": form,
        "rows": [(view, WORDS[view.fault.kind][0]) for view in faults.list_of(account_id)],  # type: ignore[index]
        "kinds": WORDS.values(),
        "said": next((sentence for name, sentence in said.items() if name in request.GET), ""),
        "cli": call_as.faults(account_id, endpoint_url(request)),
    }
    return render(request, "dashboard/faults.html", context, status=status)
