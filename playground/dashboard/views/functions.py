"""The functions of an account: the list, and each function's tabs as they are read."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from invocations import code_store
from invocations.arn import LATEST
from invocations.errors import ResourceNotFoundException
from invocations.execution.runtimes import RuntimeMissing, resolve
from invocations.models import Function, FunctionVersion, Invocation, LogBatch
from invocations.resources import concurrency, functions, options, samples
from playground.dashboard import asynchronous, code_files, permissions_tab, url_tab
from playground.dashboard.forms import (
    AliasForm,
    ConcurrencyForm,
    ConfigurationForm,
    CreateFunctionForm,
    ProvisionedForm,
    environment_text,
)
from playground.dashboard.last_change import done, forget, told
from playground.dashboard.web import DashboardRequest, wants_fragment

TABS = {
    "code": "Code",
    "events": "Test events",
    "versions": "Versions and aliases",
    "url": "Function URL",
    "async": "Asynchronous",
    "permissions": "Permissions",
    "config": "Configuration",
    "concurrency": "Concurrency",
    "logs": "Logs",
    "invocations": "Invocations",
}
LOG_BATCHES = 30
RECENT = 25


@require_GET
def function_list(request: DashboardRequest) -> HttpResponse:
    """Every function, and the form for a new one."""
    return render_list(request, CreateFunctionForm())


def render_list(request: DashboardRequest, form: CreateFunctionForm, status: int = 200) -> HttpResponse:
    """The list with *form* as it was filled in."""
    account_id = request.account.account_id
    rows = FunctionVersion.objects.filter(function__account_id=account_id, version=LATEST).select_related("function")
    context = {"versions": rows.order_by("function__name"), "form": form, "address": reverse("functions", args=[account_id])}
    return render(request, "dashboard/functions.html", context, status=status)


@require_GET
def function_detail(request: DashboardRequest, name: str, tab: str = "code") -> HttpResponse:
    """One tab of one function."""
    if tab not in TABS:
        raise Http404(f"A function has no page {tab!r}.")
    return render_tab(request, find(request, name), tab)


def find(request: DashboardRequest, name: str, qualifier: str | None = None) -> FunctionVersion:
    """The function's $LATEST, or another version. Raises Http404."""
    try:
        return functions.get(request.account.account_id, name, qualifier)
    except ResourceNotFoundException as error:
        raise Http404(error.message) from None


def render_tab(request: DashboardRequest, version: FunctionVersion, tab: str, status: int = 200, **context: Any) -> HttpResponse:
    """The page of *tab*; what *context* gives (a filled-in form, an error) comes before what the tab would show by itself."""
    own = _CONTEXTS[tab](request, version)
    shared = {
        "function": version.function,
        "version": version,
        "tab": tab,
        "tabs": TABS,
        "runtime": runs_by(version.runtime),
        "sample_names": samples.names(),
        "other_versions": version.function.versions.exclude(version=LATEST).order_by("-pk"),
    }
    if request.method == "POST":
        shared["address"] = reverse("function-tab", args=[request.account.account_id, version.function.name, tab])
    template = "dashboard/function_detail.html"
    if wants_fragment(request):
        template += "#tab"
    said, _ = told(request)
    return forget(request, render(request, template, {**shared, "said": said, **own, **context}, status=status))


def _code(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    shown = version
    asked = request.GET.get("version")
    if asked and asked != LATEST:
        shown = find(request, version.function.name, asked)
    tree = code_store.tree(shown.code_sha256)
    files = code_files.listing(tree)
    path = request.GET.get("file") or code_files.main_file(files, shown.handler)
    text = code_files.read_text(tree, path) if path else None
    chosen = next((file for file in files if file.path == path), None)
    rows = code_files.rows(files, request.GET.get("folder") or path or "")
    return {"files": files, "rows": rows, "path": path, "file": chosen, "text": text, "shown_version": shown, "problem": None}


def _events(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    events = list(version.function.test_events.all())
    asked = request.GET.get("event")
    return {
        "events": events,
        "event": next((event for event in events if event.name == asked), events[0] if events and not asked else None),
    }


def _versions(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    found = list(version.function.aliases.order_by("name"))
    chosen = next((alias for alias in found if alias.name == request.GET.get("alias")), None)
    form = AliasForm.of(chosen, published(version.function))
    return {"aliases": found, "alias_form": form, "alias": chosen, "split": _split(version.function)}


def published(function: Function) -> list[str]:
    """The numbers of the published versions, newest first."""
    return list(function.versions.exclude(version=LATEST).order_by("-pk").values_list("version", flat=True))


def qualifiers(function: Function) -> list[str]:
    """What can have provisioned concurrency: aliases, then published versions."""
    return [*function.aliases.order_by("name").values_list("name", flat=True), *published(function)]


def _split(function: Function) -> dict[str, int]:
    """Version -> how many of the function's last 100 invocations it ran."""
    recent = Invocation.objects.of(function.account_id).of_function(function.name).newest(100)
    counts: dict[str, int] = {}
    for number in recent.values_list("executed_version", flat=True):
        counts[number] = counts.get(number, 0) + 1
    return counts


def _config(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    form = ConfigurationForm(
        initial={
            "description": version.description,
            "runtime": version.runtime,
            "handler": version.handler,
            "memory_size": version.memory_size,
            "timeout": version.timeout,
            "ephemeral_storage": version.ephemeral_storage_size,
            "role": version.role,
            "log_format": version.logging_config.get("LogFormat", "Text"),
            "application_log_level": version.logging_config.get("ApplicationLogLevel", ""),
            "system_log_level": version.logging_config.get("SystemLogLevel", ""),
            "layers": "\n".join(version.layers),
            "environment": environment_text(version.environment),
        }
    )
    return {"form": form, "options": options.TABLE}


def _concurrency(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    function = version.function
    return {
        "form": ConcurrencyForm(initial={"reserved": function.reserved_concurrent_executions}),
        "provisioned_form": ProvisionedForm(qualifiers=qualifiers(function)),
        "qualifiers": qualifiers(function),
        "unreserved": concurrency.unreserved(function.account_id),
        "provisioned": function.provisioned_concurrency_configs.order_by("qualifier"),
    }


def _logs(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    group = version.logging_config.get("LogGroup") or f"/aws/lambda/{version.function.name}"
    batches = LogBatch.objects.of(request.account.account_id).filter(log_group_name=group).order_by("-first_at")[:LOG_BATCHES]
    shown = list(reversed(batches))
    for batch in shown:
        batch.first_seconds = batch.first_at / 1000  # type: ignore[attr-defined]
    return {"log_group": group, "batches": shown}


def _invocations(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    return {"invocations": Invocation.objects.of(request.account.account_id).of_function(version.function.name).newest(RECENT)}


_CONTEXTS = {
    "code": _code,
    "events": _events,
    "versions": _versions,
    "url": url_tab.context,
    "async": asynchronous.context,
    "permissions": permissions_tab.context,
    "config": _config,
    "concurrency": _concurrency,
    "logs": _logs,
    "invocations": _invocations,
}


def to_tab(request: DashboardRequest, name: str, tab: str, query: str = "", said: str = "") -> HttpResponse:
    """Back to a tab after something was changed there; *said* is told on it."""
    url = reverse("function-tab", args=[request.account.account_id, name, tab]) + query
    return done(request, url, said) if said else redirect(url)


def runs_by(runtime: str) -> str:
    """A sentence on what really runs the runtime; empty where it is the exact one."""
    try:
        choice = resolve(runtime)
    except RuntimeMissing as error:
        return str(error)
    if choice.exact or not choice.version:
        return ""
    return f"{runtime} is not on this machine: {choice.interpreter.name} {choice.version} runs it."
