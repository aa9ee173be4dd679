"""The page of one resource, as every kind shows it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from playground.dashboard.last_change import forget, told
from playground.dashboard.resources.kind import Kind
from playground.dashboard.web import DashboardRequest


def show(request: DashboardRequest, kind: Kind, name: str, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """*template* extends dashboard/resource/base.html. A POST that is answered with a page (422) is shown at the resource's address."""
    account_id = request.account.account_id
    said, cli = told(request)
    shared = {
        "kind": kind,
        "name": name,
        "arn": kind.arn(account_id, name),
        "topic": kind.topic(name),
        "list_url": kind.url(account_id),
        "url": kind.url(account_id, name),
        "address": kind.url(account_id, name) if request.method == "POST" else request.get_full_path(),
        "said": said,
        "cli": cli,
    }
    return forget(request, render(request, template, {**shared, **context}, status=status))


def refused(request: DashboardRequest, kind: Kind, name: str, problem: str) -> HttpResponse:
    """What was not done, and why: a sentence at the head of the page."""
    return show(request, kind, name, "dashboard/resource/refused.html", 422, problem=problem)
