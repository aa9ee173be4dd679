"""The form of an account's quotas, made from their table."""

from typing import Any

from django import forms

from invocations.resources import quotas
from playground.dashboard.forms import StyledForm

FIXED = [
    ("Payload of a synchronous request or response", "6 MB"),
    ("Payload of an asynchronous request", "1 MB"),
    ("Streamed response", "200 MB"),
    ("Timeout", "900 s"),
    ("Memory size", "10,240 MB"),
    ("/tmp", "10,240 MB"),
    ("Environment variables", "4 KB"),
    ("Deployment package", "50 MB zipped, 250 MB unzipped"),
    ("Layers of a function", "5"),
]
"""What nobody can raise, on AWS neither."""


_NOT_AWSS = frozenset({"retained_invocations", "control_plane_requests_per_second"})
"""Whose default is this product's."""


class QuotaForm(StyledForm):
    """One number a quota; an empty field brings AWS's value back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for quota in quotas.QUOTAS:
            help_text = f"{quota.about} {'By default' if quota.name in _NOT_AWSS else 'AWS'}: {quota.default:,}."
            field = forms.IntegerField(label=quota.label, required=False, help_text=help_text)
            field.widget.attrs |= {"class": "input", "min": quota.smallest, "max": quota.largest, "placeholder": f"{quota.default}"}
            self.fields[quota.name] = field
        for name in self.errors:  # which looks at all fields, so they have to be there
            self.fields[name].widget.attrs["aria-invalid"] = "true"
