"""What can be changed on a function's pages. Each view hands over to invocations.resources and shows AWS's own error in place."""

import io
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from invocations import code_store, readable_json
from invocations.errors import AwsError, ValidationException
from invocations.models import FunctionVersion
from invocations.resources import aliases, concurrency, functions, provisioned_concurrency, samples, test_events, versions
from invocations.values import Members
from playground.dashboard import code_files, console_trail
from playground.dashboard.api_call import ApiCall
from playground.dashboard.changes import sentence
from playground.dashboard.forms import (
    STARTING_CODE,
    AliasForm,
    ArchiveForm,
    ConcurrencyForm,
    ConfigurationForm,
    CreateFunctionForm,
    FileForm,
    ProvisionedForm,
    TestEventForm,
)
from playground.dashboard.views.functions import find, published, qualifiers, render_list, render_tab, to_tab
from playground.dashboard.web import DashboardRequest
from playground.endpoint.services import model_of
from playground.endpoint.validation import summary, validate


@require_POST
def create(request: DashboardRequest) -> HttpResponse:
    """A new function with code that runs at once."""
    form = CreateFunctionForm(request.POST)
    if not form.is_valid():
        return render_list(request, form, status=422)
    account_id, runtime = request.account.account_id, form.cleaned_data["runtime"]
    family = next(family for family in STARTING_CODE if runtime.startswith(family))
    path, handler, text = STARTING_CODE[family]
    parameters = {
        "FunctionName": form.cleaned_data["name"],
        "Runtime": runtime,
        "Handler": handler,
        "Role": f"arn:aws:iam::{account_id}:role/playground",
        "Code": {"ZipFile": _new_archive(path, text)},
    }
    try:
        functions.create(account_id, as_called("CreateFunction", parameters))
    except AwsError as error:
        form.add_error(None, sentence(error))
        return render_list(request, form, status=422)
    return to_tab(request, form.cleaned_data["name"], "code")


@require_POST
def delete(request: DashboardRequest, name: str) -> HttpResponse:
    """The function with everything that belongs to it, once its name has been typed."""
    version = find(request, name)
    if request.POST.get("confirm") != name:
        error = f"Nothing was deleted: type {name} to confirm."
        return render_tab(request, version, "config", status=422, error=error)
    functions.delete(request.account.account_id, name)
    return redirect("functions", request.account.account_id)


@require_POST
def deploy(request: DashboardRequest, name: str) -> HttpResponse:
    """Saves one file and deploys; a file with a syntax error is not deployed, and the error is shown at its line."""
    version = find(request, name)
    form = FileForm(request.POST)
    if not form.is_valid():
        return render_tab(request, version, "code", status=422, error="Give the file a path, such as app.py.")
    path, text = form.cleaned_data["path"], form.cleaned_data["text"]
    problem = None if "anyway" in request.POST else code_files.check(path, text)
    if problem is not None:
        return render_tab(request, version, "code", status=422, problem=problem, path=path, text=text)
    return _change_code(request, version, lambda archive: code_files.with_file(archive, path, text), path=path, text=text)


@require_POST
def remove_file(request: DashboardRequest, name: str) -> HttpResponse:
    """Takes one file out of the code."""
    path = request.POST.get("path", "")
    return _change_code(request, find(request, name), lambda archive: code_files.without_file(archive, path))


@require_POST
def upload(request: DashboardRequest, name: str) -> HttpResponse:
    """A whole new archive."""
    version = find(request, name)
    form = ArchiveForm(request.POST, request.FILES)
    if not form.is_valid():
        return render_tab(request, version, "code", status=422, error="Choose a zip archive first.")
    return _change_code(request, version, lambda _: form.cleaned_data["archive"].read())


@require_GET
def download(request: DashboardRequest, name: str) -> HttpResponse:
    """The code of $LATEST or of another version as a zip."""
    version = find(request, name, request.GET.get("version"))
    response = HttpResponse(code_store.archive(version.code_sha256).read_bytes(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}-{version.version.strip("$")}.zip"'
    return response


@require_POST
def restore_sample(request: DashboardRequest, name: str) -> HttpResponse:
    """Makes a ready-made function what it was on the first day."""
    if name not in samples.names():
        raise Http404(f"{name} is no ready-made function.")
    samples.restore(request.account.account_id, name)
    return to_tab(request, name, "code")


@require_POST
def configure(request: DashboardRequest, name: str) -> HttpResponse:
    """UpdateFunctionConfiguration."""
    version = find(request, name)
    form = ConfigurationForm(request.POST)
    return _apply(
        request,
        version,
        "config",
        form,
        lambda: functions.update_configuration(
            request.account.account_id, name, as_called("UpdateFunctionConfiguration", {"FunctionName": name, **form.parameters()})
        ),
    )


@require_POST
def save_event(request: DashboardRequest, name: str) -> HttpResponse:
    """Saves a test event under its name."""
    version = find(request, name)
    form = TestEventForm(request.POST)
    query = "?event=" + quote(request.POST.get("name", ""))
    return _apply(
        request,
        version,
        "events",
        form,
        lambda: test_events.save(version.function, form.cleaned_data["name"], form.cleaned_data["payload"]),
        key="event_form",
        query=query,
    )


@require_POST
def delete_event(request: DashboardRequest, name: str) -> HttpResponse:
    """Removes a test event."""
    version = find(request, name)
    return _act(request, version, "events", lambda: test_events.delete(version.function, request.POST.get("name", "")))


@require_GET
def export_events(request: DashboardRequest, name: str) -> HttpResponse:
    """Every test event as one JSON file."""
    events = test_events.export(find(request, name).function)
    response = HttpResponse(readable_json.dumps(events, indent=2), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}-events.json"'
    return response


@require_POST
def publish(request: DashboardRequest, name: str) -> HttpResponse:
    """PublishVersion."""
    version = find(request, name)
    parameters = {"Description": request.POST.get("description", "")[:256]}
    return _act(request, version, "versions", lambda: versions.publish(request.account.account_id, name, parameters))


@require_POST
def delete_version(request: DashboardRequest, name: str, number: str) -> HttpResponse:
    """DeleteFunction with a version as qualifier."""
    version = find(request, name)
    return _act(request, version, "versions", lambda: functions.delete(request.account.account_id, name, number))


@require_POST
def save_alias(request: DashboardRequest, name: str) -> HttpResponse:
    """CreateAlias, or UpdateAlias where there is one of that name."""
    version = find(request, name)
    form = AliasForm(request.POST, numbers=published(version.function))

    def save() -> object:
        alias_name, account_id = form.cleaned_data["name"], request.account.account_id
        parameters = {"FunctionName": name, "Name": alias_name, **form.parameters()}
        if version.function.aliases.filter(name=alias_name).exists():
            return aliases.update(account_id, name, alias_name, as_called("UpdateAlias", parameters))
        return aliases.create(account_id, name, as_called("CreateAlias", parameters))

    return _apply(request, version, "versions", form, save, key="alias_form")


@require_POST
def delete_alias(request: DashboardRequest, name: str, alias: str) -> HttpResponse:
    """DeleteAlias."""
    version = find(request, name)
    return _act(request, version, "versions", lambda: aliases.delete(request.account.account_id, name, alias))


@require_POST
def reserve(request: DashboardRequest, name: str) -> HttpResponse:
    """PutFunctionConcurrency, or DeleteFunctionConcurrency where the field is empty."""
    version = find(request, name)
    form = ConcurrencyForm(request.POST)
    return _apply(
        request, version, "concurrency", form, lambda: put_reserved(request.account.account_id, name, form.cleaned_data["reserved"])
    )


def put_reserved(account_id: str, name: str, reserved: int | None) -> None:
    """Sets a function's reserved concurrency; None takes it away. Raises AwsError."""
    if reserved is None:
        as_called("DeleteFunctionConcurrency", {"FunctionName": name})
        concurrency.delete(account_id, name)
    else:
        as_called("PutFunctionConcurrency", {"FunctionName": name, "ReservedConcurrentExecutions": reserved})
        concurrency.put(account_id, name, reserved)


@require_POST
def provision(request: DashboardRequest, name: str) -> HttpResponse:
    """PutProvisionedConcurrencyConfig, or DeleteProvisionedConcurrencyConfig for none."""
    version = find(request, name)
    form = ProvisionedForm(request.POST, qualifiers=qualifiers(version.function))

    def save() -> None:
        qualifier, count, account_id = form.cleaned_data["qualifier"], form.cleaned_data["count"], request.account.account_id
        named = {"FunctionName": name, "Qualifier": qualifier}
        if count == 0:
            as_called("DeleteProvisionedConcurrencyConfig", named)
            provisioned_concurrency.delete(account_id, name, qualifier)
        else:
            as_called("PutProvisionedConcurrencyConfig", {**named, "ProvisionedConcurrentExecutions": count})
            provisioned_concurrency.put(account_id, name, qualifier, count)

    return _apply(request, version, "concurrency", form, save, key="provisioned_form")


def as_called(operation: str, members: Members) -> Members:
    """*members* if the API would take them. Raises ValidationException with the API's own sentences."""
    shape = model_of("lambda").operation_model(operation).input_shape
    problems = validate(shape, members)
    if problems:
        raise ValidationException(summary(problems))
    console_trail.made.set(ApiCall("lambda", operation, dict(members)))
    return members


def _change_code(request: DashboardRequest, version: FunctionVersion, change: Callable[[bytes], bytes], **shown: Any) -> HttpResponse:
    name = version.function.name
    try:
        archive = change(code_store.archive(version.code_sha256).read_bytes())
        functions.update_code(request.account.account_id, name, {"ZipFile": archive})
    except (ValueError, AwsError) as error:
        message = sentence(error) if isinstance(error, AwsError) else str(error)
        return render_tab(request, version, "code", status=422, error=message, **shown)
    path = shown.get("path")
    return to_tab(request, name, "code", f"?file={quote(path)}" if path else "")


def _apply(
    request: DashboardRequest,
    version: FunctionVersion,
    tab: str,
    form: forms.Form,
    save: Callable[[], object],
    key: str = "form",
    query: str = "",
) -> HttpResponse:
    """Saves a valid form; an invalid one, or one that AWS would refuse, comes back as itself with status 422."""
    if form.is_valid():
        try:
            save()
        except AwsError as error:
            form.add_error(None, sentence(error))
        else:
            return to_tab(request, version.function.name, tab, query)
    return render_tab(request, version, tab, status=422, **{key: form})


def _act(request: DashboardRequest, version: FunctionVersion, tab: str, action: Callable[[], object]) -> HttpResponse:
    try:
        action()
    except AwsError as error:
        return render_tab(request, version, tab, status=422, error=sentence(error))
    return to_tab(request, version.function.name, tab)


def _new_archive(path: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        entry = zipfile.ZipInfo(path, date_time=(2025, 1, 1, 0, 0, 0))
        entry.external_attr = (0o755 if path == "bootstrap" else 0o644) << 16
        zipped.writestr(entry, text)
    return buffer.getvalue()
