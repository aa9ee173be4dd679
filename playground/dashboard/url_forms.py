"""Forms of the Function URL tab. What AWS allows is decided by invocations.resources."""

import re
from typing import Any, Self

from django import forms

from invocations.models import FunctionUrl
from playground.dashboard.forms import StyledForm

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_LISTS = {
    "allow_origins": "AllowOrigins",
    "allow_methods": "AllowMethods",
    "allow_headers": "AllowHeaders",
    "expose_headers": "ExposeHeaders",
}
"""Field -> the member of Cors that it is a list of."""
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)")


class UrlForm(StyledForm):
    """What CreateFunctionUrlConfig and UpdateFunctionUrlConfig take."""

    auth_type = forms.ChoiceField(
        label="Auth type", choices=[("NONE", "NONE: nobody signs"), ("AWS_IAM", "AWS_IAM: callers sign, policies decide")]
    )
    invoke_mode = forms.ChoiceField(
        label="Invoke mode", choices=[("BUFFERED", "BUFFERED: whole, up to 6 MB"), ("RESPONSE_STREAM", "RESPONSE_STREAM: as it comes")]
    )
    has_cors = forms.BooleanField(
        label="Answer browsers' questions for the function (CORS)",
        required=False,
        help_text="Without it, preflights reach the function like any request.",
    )
    allow_origins = forms.CharField(label="Allow origins", required=False, help_text="https://a.example, https://*.b.example, or *")
    allow_methods = forms.CharField(label="Allow methods", required=False, help_text="GET, POST, or * for all.")
    allow_headers = forms.CharField(label="Allow headers", required=False, help_text="What pages may send: content-type, x-own")
    expose_headers = forms.CharField(label="Expose headers", required=False, help_text="What pages may read of the answer.")
    max_age = forms.IntegerField(label="Max age (seconds)", required=False, help_text="How long browsers remember: up to 86400.")
    allow_credentials = forms.BooleanField(
        label="Allow credentials", required=False, help_text="Cookies and the like. Browsers refuse it together with the origin *."
    )

    @classmethod
    def of(cls, url: FunctionUrl | None, data: Any = None) -> Self:
        """Filled in with a URL as it is, or with *data* as it was sent."""
        if url is None:
            return cls(data, initial={"auth_type": "NONE", "invoke_mode": "BUFFERED"})
        cors = url.cors or {}
        initial = {name: ", ".join(cors.get(member) or ()) for name, member in _LISTS.items()}
        own = {"auth_type": url.auth_type, "invoke_mode": url.invoke_mode, "has_cors": url.cors is not None}
        more = {"max_age": cors.get("MaxAge"), "allow_credentials": cors.get("AllowCredentials", False)}
        return cls(data, initial={**initial, **own, **more})

    def parameters(self) -> dict[str, Any]:
        """As the API takes them, without the names. An empty Cors takes it away."""
        data = self.cleaned_data
        cors: dict[str, Any] = {}
        if data["has_cors"]:
            cors = {"AllowCredentials": data["allow_credentials"]}
            for name, member in _LISTS.items():
                values = [value.strip() for value in data[name].split(",") if value.strip()]
                cors |= {member: values} if values else {}
            cors |= {"MaxAge": data["max_age"]} if data["max_age"] is not None else {}
        return {"AuthType": data["auth_type"], "InvokeMode": data["invoke_mode"], "Cors": cors}

    AWS_NAMES = {"maxAge": "max_age", **{member[0].lower() + member[1:]: name for name, member in _LISTS.items()}}
    """What names a field in AWS's messages -> the field."""


class RequestForm(StyledForm):
    """One HTTP request."""

    method = forms.ChoiceField(label="Method", choices=[(method, method) for method in METHODS])
    path = forms.CharField(label="Path and query", initial="/", max_length=8000)
    sign_as = forms.ChoiceField(label="Sign as", required=False)
    origin = forms.CharField(
        label="Origin", required=False, max_length=300, help_text="As if a page of that site asked: https://app.example"
    )
    headers = forms.CharField(
        label="Headers",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="Name: value, one a line.",
    )
    body = forms.CharField(label="Body", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}))

    def clean_path(self) -> str:
        """Begins with a slash."""
        path: str = self.cleaned_data["path"]
        return path if path.startswith("/") else f"/{path}"

    def clean_origin(self) -> str:
        """One line, as every header's value is."""
        origin: str = self.cleaned_data["origin"]
        if not origin.isprintable():
            raise forms.ValidationError("An origin is one line: https://app.example")
        return origin

    def clean_headers(self) -> list[tuple[str, str]]:
        """Names and values."""
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["headers"].splitlines())):
            match = _HEADER.fullmatch(line)
            if match is None or not match[2].isprintable():
                raise forms.ValidationError(f"“{line}” is no header: write Name: value.")
            found.append((match[1], match[2]))
        return found
