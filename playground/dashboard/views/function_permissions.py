"""What can be changed on a function's Permissions tab: a statement more, a statement less."""

from urllib.parse import quote

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from invocations.errors import AwsError
from invocations.resources import function_policies
from playground.dashboard.changes import saved, sentence
from playground.dashboard.permissions_tab import AddPermissionForm, qualifier_of, taken_sids
from playground.dashboard.views.function_changes import as_called
from playground.dashboard.views.functions import find, render_tab, to_tab
from playground.dashboard.web import DashboardRequest

TAB = "permissions"


@require_POST
def add(request: DashboardRequest, name: str) -> HttpResponse:
    """AddPermission."""
    version = find(request, name)
    qualifier, form = qualifier_of(request, version.function), AddPermissionForm(request.POST)

    def put() -> object:
        named = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
        given = as_called("AddPermission", {**named, **form.parameters(taken_sids(version.function, qualifier))})
        return function_policies.add(request.account.account_id, name, qualifier or None, given)

    if saved(form, put, AddPermissionForm.AWS_NAMES):
        return _back(request, name, qualifier)
    return render_tab(request, version, TAB, 422, grant_form=form)


@require_POST
def remove(request: DashboardRequest, name: str) -> HttpResponse:
    """RemovePermission."""
    version = find(request, name)
    qualifier = qualifier_of(request, version.function)
    try:
        function_policies.remove(request.account.account_id, name, qualifier or None, request.POST.get("sid", ""))
    except AwsError as error:
        return render_tab(request, version, TAB, 422, error=sentence(error))
    return _back(request, name, qualifier)


def _back(request: DashboardRequest, name: str, qualifier: str) -> HttpResponse:
    return to_tab(request, name, TAB, f"?qualifier={quote(qualifier)}" if qualifier else "")
