"""What the views that change something share: AWS's refusal as an error of the form, and names typed to confirm."""

from collections.abc import Callable

from django import forms

from invocations.errors import AwsError
from playground.dashboard.web import DashboardRequest


def sentence(error: AwsError) -> str:
    """AWS's error as a page shows it: its message and its name."""
    return f"{error.message} ({error.code})"


def saved(form: forms.Form, save: Callable[[], object], fields: dict[str, str] | None = None) -> bool:
    """Runs *save* for a valid form. What AWS refuses becomes an error of the form: of a field whose AWS name, the key of *fields*,
    stands in the message, else of the whole. The form then comes back with status 422."""
    if not form.is_valid():
        return False
    try:
        save()
    except AwsError as error:
        named = [field for member, field in (fields or {}).items() if member in (error.message or "")]
        form.add_error(named[0] if named else None, sentence(error))
        return False
    return True


def is_confirmed(request: DashboardRequest, name: str) -> bool:
    """Whether the name of what is to be deleted or emptied has been typed."""
    return request.POST.get("confirm", "").strip() == name
