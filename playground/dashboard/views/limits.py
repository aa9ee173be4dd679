"""The account's quotas: what they are, what is used of them, and the form that changes them."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from invocations.resources import concurrency, quotas
from playground.dashboard import call_as
from playground.dashboard.changes import saved
from playground.dashboard.quota_form import FIXED, QuotaForm
from playground.dashboard.web import DashboardRequest, endpoint_url


@require_http_methods(["GET", "HEAD", "POST"])
def limits_page(request: DashboardRequest) -> HttpResponse:
    """The page; a POST changes all quotas at once, and "defaults" brings AWS's back."""
    account_id = request.account.account_id
    if request.method != "POST":
        return _show(request, QuotaForm(initial=quotas.describe(account_id)))
    form = QuotaForm(request.POST)
    names = {f'"{quota.name}"': quota.name for quota in quotas.QUOTAS}
    wanted = dict.fromkeys(quotas.defaults()) if "defaults" in request.POST else None
    if saved(form, lambda: quotas.change(account_id, wanted or form.cleaned_data), names):
        return redirect(reverse("settings-limits", args=[account_id]) + "?saved")
    return _show(request, form, 422)


def _show(request: DashboardRequest, form: QuotaForm, status: int = 200) -> HttpResponse:
    account_id = request.account.account_id
    now, unreserved = quotas.describe(account_id), concurrency.unreserved(account_id)
    minimum = concurrency.unreserved_minimum(account_id)
    context = {
        "form": form,
        "said": "The limits are saved, and in force." if "saved" in request.GET else "",
        "now": now,
        "promised": quotas.promised(account_id),
        "unreserved": unreserved,
        "minimum": minimum,
        "reservable": unreserved - minimum,
        "requests": now["concurrent_executions"] * now["requests_per_concurrent_execution"],
        "fixed": FIXED,
        "cli": call_as.limits(account_id, endpoint_url(request)),
    }
    return render(request, "dashboard/limits.html", context, status=status)
