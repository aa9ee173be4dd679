"""The permission explainer: its page for any question or for a call that happened, and the button that allows it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from invocations.errors import AwsError
from invocations.models import Function, User
from invocations.resources import target_arns
from playground.dashboard import console_trail
from playground.dashboard.changes import sentence
from playground.dashboard.permissions import principals, recorded
from playground.dashboard.permissions.answer import Answer
from playground.dashboard.permissions.asked import ACTIONS, Asked
from playground.dashboard.web import DashboardRequest, endpoint_url, wants_fragment

PAGE = "dashboard/permissions.html"
_SERVICES = frozenset({"sqs", "sns", "s3", "lambda", "events"})


@require_safe
def explainer(request: DashboardRequest) -> HttpResponse:
    """One question with its answer, as the address has it; `?call=` is the question of an invocation."""
    account_id, call = request.account.account_id, request.GET.get("call", "")
    if call:
        found = recorded.asked_by(account_id, call)
        if found is not None:
            return redirect(f"{found.url}&of={call}")
    return _show(request, Asked.read(request.GET, account_id))


@require_POST
def allow(request: DashboardRequest) -> HttpResponse:
    """Makes the change that was offered, if it is still one that helps; then the question is asked again."""
    asked = Asked.read(request.POST, request.account.account_id)
    if asked.problem:
        return _show(request, asked, 422)
    fixes, number = Answer(asked, endpoint_url(request)).fixes, request.POST.get("fix", "")
    chosen = next((fix for fix in fixes if str(fix.number) == number), None)
    if chosen is not None:
        try:
            chosen.grant.apply()
            console_trail.made.set(chosen.call)
        except AwsError as error:
            return _show(request, asked, 422, error=sentence(error))
    return redirect(f"{asked.url}&done={'1' if chosen else '0'}")


def _examples(account_id: str) -> list[tuple[str, str, str, str]]:
    """Questions to begin with: a service and a user or role about a function of the account."""
    name = Function.objects.of(account_id).order_by("name").values_list("name", flat=True).first() or "hello"
    user = User.objects.of(account_id).order_by("name").first()
    asking = [("sns.amazonaws.com", "SNS"), ("events.amazonaws.com", "EventBridge"), *([(user.arn, user.name)] if user else [])]
    return [(text, label, "lambda:InvokeFunction", name) for text, label in asking]


def _show(request: DashboardRequest, asked: Asked, status: int = 200, **more: Any) -> HttpResponse:
    account_id = asked.account_id
    of_event = recorded.then_of_event(account_id, request.GET.get("event", ""))
    then = of_event or recorded.then(account_id, request.GET.get("of", ""))
    context = {
        "asked": asked,
        "answer": None if asked.problem else Answer(asked, endpoint_url(request)),
        "then": then,
        "session_forms": then.new_session.forms(account_id, endpoint_url(request)) if then and then.new_session else [],
        "done": request.GET.get("done", ""),
        **more,
    }
    is_part = wants_fragment(request)
    if not is_part:
        context |= {
            "principals": principals.choices(account_id),
            "actions": ACTIONS,
            "resources": target_arns.choices(account_id, _SERVICES),
            "sources": recorded.sources(account_id),
        }
    if asked.problem:
        context["examples"] = _examples(account_id)
    context["address"] = asked.url if request.method == "POST" else request.get_full_path()
    response = render(request, PAGE + ("#answer" if is_part else ""), context, status=status)
    if is_part:
        response["HX-Replace-Url"] = asked.url if asked.principal_text else reverse("permissions", args=[account_id])
    return response
