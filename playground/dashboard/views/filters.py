"""The Filter lab: its page, and its answers while somebody types."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from playground.dashboard.filter_lab.lab import Lab
from playground.dashboard.web import DashboardRequest, wants_fragment

PAGE = "dashboard/filters.html"


@require_http_methods(["GET", "HEAD", "POST"])
def filter_lab(request: DashboardRequest) -> HttpResponse:
    """The page as its address says. A form that was sent leads to the address of what it holds, unless that is too long for one."""
    lab = Lab.read(request.POST if request.method == "POST" else request.GET, request.account.account_id)
    if request.POST.get("do") == "create" and lab.form_url:
        return HttpResponse(headers={"HX-Redirect": lab.form_url}) if request.htmx else redirect(lab.form_url)
    if request.method == "POST" and not request.htmx and lab.is_whole_in_link and not lab.problem:
        return redirect(_address(request, lab))
    template = PAGE + ("#lab" if wants_fragment(request) else "")
    response = render(request, template, _context(request, lab))
    if request.method == "POST" and request.htmx:
        response["HX-Replace-Url"] = _address(request, lab)
    return response


@require_POST
def answer(request: DashboardRequest) -> HttpResponse:
    """What the pattern says now: every region that follows from what was typed, and the page's new address."""
    lab = Lab.read(request.POST, request.account.account_id)
    response = render(request, f"{PAGE}#answer", _context(request, lab))
    response["HX-Replace-Url"] = _address(request, lab)
    return response


def _address(request: DashboardRequest, lab: Lab) -> str:
    return f"{reverse('filters', args=[request.account.account_id])}?{lab.query}"


def _context(request: DashboardRequest, lab: Lab) -> dict[str, object]:
    return {"lab": lab, "link": request.build_absolute_uri(_address(request, lab))}
