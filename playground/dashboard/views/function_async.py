"""What can be changed on a function's Asynchronous tab. Before a target is replaced or taken away, the page shows it and asks."""

from urllib.parse import quote

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from invocations.arn import LATEST
from invocations.errors import AwsError
from invocations.models import FunctionVersion
from invocations.resources import event_invoke_configs, functions, side_configs, target_arns
from playground.dashboard import connecting
from playground.dashboard.async_forms import DeadLetterForm, EventInvokeConfigForm, RecursionForm
from playground.dashboard.asynchronous import Replacement, destinations, qualifier_of, replaced
from playground.dashboard.changes import saved, sentence
from playground.dashboard.views.function_changes import as_called
from playground.dashboard.views.functions import find, render_tab, to_tab
from playground.dashboard.web import DashboardRequest

TAB = "async"


@require_POST
def save(request: DashboardRequest, name: str) -> HttpResponse:
    """PutFunctionEventInvokeConfig for one qualifier."""
    version, account_id = find(request, name), request.account.account_id
    qualifier = qualifier_of(request, version.function)
    config = version.function.event_invoke_configs.filter(qualifier=qualifier).first()
    form = EventInvokeConfigForm.of(config, destinations(version.function), request.POST)
    if form.is_valid() and config is not None:
        data = form.cleaned_data
        slots = [("On success", config.on_success, data["on_success"]), ("On failure", config.on_failure, data["on_failure"])]
        replacements = replaced(account_id, slots)
        if not _is_agreed(request, replacements):
            return render_tab(request, version, TAB, 422, form=form, replacements=replacements, replaces=_mark(replacements))

    said = []

    def put() -> None:
        parameters = {"FunctionName": name, "Qualifier": qualifier, **form.parameters()}
        members, served = as_called("PutFunctionEventInvokeConfig", parameters), find(request, name, qualifier)
        with connecting.all_or_nothing(account_id):
            said.append(connecting.destinations(served, form.cleaned_data["on_success"], form.cleaned_data["on_failure"]))
            event_invoke_configs.put(account_id, name, qualifier, members)

    if saved(form, put, form.aws_names if form.is_valid() else None):
        return _back(request, version, qualifier, *said)
    return render_tab(request, version, TAB, 422, form=form)


@require_POST
def remove(request: DashboardRequest, name: str) -> HttpResponse:
    """DeleteFunctionEventInvokeConfig: back to the defaults."""
    version = find(request, name)
    qualifier = qualifier_of(request, version.function)
    try:
        event_invoke_configs.delete(request.account.account_id, name, qualifier)
    except AwsError as error:
        return render_tab(request, version, TAB, 422, error=sentence(error))
    return _back(request, version, qualifier)


@require_POST
def dead_letter(request: DashboardRequest, name: str) -> HttpResponse:
    """DeadLetterConfig of $LATEST."""
    version, account_id = find(request, name), request.account.account_id
    form = DeadLetterForm.of(version, target_arns.choices(account_id, target_arns.DEAD_LETTER_SERVICES), request.POST)
    if form.is_valid():
        slots = [("Dead-letter queue", version.dead_letter_target_arn, form.cleaned_data["target_arn"])]
        replacements = replaced(account_id, slots)
        if not _is_agreed(request, replacements):
            shown = {"dead_letter_replacements": replacements, "replaces": _mark(replacements)}
            return render_tab(request, version, TAB, 422, dead_letter_form=form, **shown)

    said = []

    def update() -> None:
        parameters = {"FunctionName": name, "DeadLetterConfig": {"TargetArn": form.cleaned_data["target_arn"]}}
        members = as_called("UpdateFunctionConfiguration", parameters)
        with connecting.all_or_nothing(account_id):
            said.append(connecting.destinations(version, form.cleaned_data["target_arn"]))
            functions.update_configuration(account_id, name, members)

    if saved(form, update, {"": "target_arn"}):  # whatever AWS refuses is wrong with the one field there is
        return _back(request, version, LATEST, *said)
    return render_tab(request, version, TAB, 422, dead_letter_form=form)


@require_POST
def recursion(request: DashboardRequest, name: str) -> HttpResponse:
    """PutFunctionRecursionConfig."""
    version = find(request, name)
    form = RecursionForm(request.POST)
    if saved(form, lambda: side_configs.put_recursive_loop(request.account.account_id, name, form.cleaned_data["recursive_loop"])):
        return _back(request, version, qualifier_of(request, version.function))
    return render_tab(request, version, TAB, 422, recursion_form=form)


def _is_agreed(request: DashboardRequest, replacements: list[Replacement]) -> bool:
    """Whether the reader has seen just these replacements: not older ones, and not somebody else's change in between."""
    return not replacements or request.POST.get("replaces") == _mark(replacements)


def _mark(replacements: list[Replacement]) -> str:
    return " ".join(map(str, replacements))


def _back(request: DashboardRequest, version: FunctionVersion, qualifier: str, said: str = "") -> HttpResponse:
    query = "" if qualifier == LATEST else f"?qualifier={quote(qualifier)}"
    return to_tab(request, version.function.name, TAB, query, f"Saved. {said}" if said else "")
