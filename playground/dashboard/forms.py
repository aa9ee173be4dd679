"""Forms of the function pages. They only read what was typed; what AWS allows is decided by invocations.resources."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

from django import forms

from invocations import limits, readable_json
from invocations.arn import LATEST
from invocations.enums import LogFormat
from invocations.models import Alias

RUNTIMES = [
    ("Python", [(f"python3.{minor}", f"python3.{minor}") for minor in range(14, 8, -1)]),
    ("Node.js", [(f"nodejs{major}.x", f"nodejs{major}.x") for major in (24, 22, 20, 18)]),
    ("Your own", [("provided.al2023", "provided.al2023"), ("provided.al2", "provided.al2")]),
]

STARTING_CODE = {
    "python": ("app.py", "app.handler", 'def handler(event, context):\n    print("got", event)\n    return {"ok": True}\n'),
    "nodejs": (
        "index.mjs",
        "index.handler",
        'export const handler = async (event, context) => {\n  console.log("got", event);\n  return { ok: true };\n};\n',
    ),
    "provided": (
        "bootstrap",
        "bootstrap",
        "#!/bin/bash\n"
        'api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"\n'
        "while true; do\n"
        '  event=$(curl -sS -D /tmp/headers "$api/next")\n'
        "  id=$(grep -i lambda-runtime-aws-request-id /tmp/headers | tr -d '[:space:]' | cut -d: -f2)\n"
        '  curl -sS -X POST "$api/$id/response" -d "$event" > /dev/null\n'
        "done\n",
    ),
}
"""Runtime family -> file, handler and text of a new function."""


class StyledForm(forms.Form):
    """A form whose fields look like the product's."""

    def __init__(
        self,
        *args: Any,
        choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        omitted: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        """*choices*: what fields offer that is known only now. *omitted*: fields that are not asked for this time."""
        super().__init__(*args, **kwargs)
        for name in omitted:
            del self.fields[name]
        for name, offered in (choices or {}).items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered
        for name, field in self.fields.items():
            is_code = isinstance(field.widget, forms.Textarea)
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs.setdefault("class", "input code" if is_code else "input")
            if self.is_bound and name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"


class NumberAndSlider(forms.NumberInput):
    """A number that a slider beside it follows and sets; the slider is there only with scripts."""

    template_name = "dashboard/_number_and_slider.html"


class CreateFunctionForm(StyledForm):
    """A new function from nothing but its name and runtime."""

    name = forms.CharField(
        label="Function name", max_length=limits.FUNCTION_NAME_LENGTH, help_text="Letters, digits, hyphens and underscores, up to 64."
    )
    runtime = forms.ChoiceField(label="Runtime", choices=RUNTIMES, initial="python3.12")


class ConfigurationForm(StyledForm):
    """What UpdateFunctionConfiguration changes."""

    description = forms.CharField(label="Description", max_length=256, required=False)
    runtime = forms.ChoiceField(label="Runtime", choices=RUNTIMES)
    handler = forms.CharField(label="Handler", max_length=128, help_text="file.function, such as app.handler")
    memory_size = forms.IntegerField(label="Memory (MB)", help_text="128 to 10240. More memory, more time before it is killed for it.")
    timeout = forms.IntegerField(label="Timeout (seconds)", help_text="1 to 900.")
    ephemeral_storage = forms.IntegerField(label="Ephemeral storage /tmp (MB)", help_text="512 to 10240.")
    role = forms.CharField(label="Execution role (ARN)", max_length=2048)
    log_format = forms.ChoiceField(label="Log format", choices=[(value, value) for value in LogFormat])
    application_log_level = forms.ChoiceField(
        label="Application log level",
        required=False,
        choices=[("", "—"), *[(level, level) for level in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")]],
        help_text="Only with the JSON log format.",
    )
    system_log_level = forms.ChoiceField(
        label="System log level", required=False, choices=[("", "—"), *[(level, level) for level in ("DEBUG", "INFO", "WARN")]]
    )
    layers = forms.CharField(
        label="Layers", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="Layer version ARNs, one a line, at most 5."
    )
    environment = forms.CharField(
        label="Environment variables",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="NAME=value, one a line.",
    )

    def clean_environment(self) -> dict[str, str]:
        """{"NAME": "value"}; lines without an equals sign are named in the error."""
        variables = {}
        for number, line in enumerate(self.cleaned_data["environment"].splitlines(), 1):
            if not line.strip():
                continue
            name, separator, value = line.partition("=")
            if not separator:
                raise forms.ValidationError(f"Line {number} has no equals sign: write NAME=value.")
            variables[name.strip()] = value
        return variables

    def parameters(self) -> dict[str, Any]:
        """As UpdateFunctionConfiguration takes them."""
        data = self.cleaned_data
        logging_config = {"LogFormat": data["log_format"]}
        if data["log_format"] == LogFormat.JSON:
            levels = {"ApplicationLogLevel": data["application_log_level"], "SystemLogLevel": data["system_log_level"]}
            logging_config |= {name: level for name, level in levels.items() if level}
        return {
            "Description": data["description"],
            "Runtime": data["runtime"],
            "Handler": data["handler"],
            "MemorySize": data["memory_size"],
            "Timeout": data["timeout"],
            "EphemeralStorage": {"Size": data["ephemeral_storage"]},
            "Role": data["role"],
            "LoggingConfig": logging_config,
            "Layers": data["layers"].split(),
            "Environment": {"Variables": data["environment"]},
        }


class FileForm(StyledForm):
    """One file of the code, as the editor sends it."""

    path = forms.CharField(label="File", max_length=400)
    text = forms.CharField(label="Text", required=False, strip=False, widget=forms.Textarea)


class ArchiveForm(StyledForm):
    """A whole zip."""

    archive = forms.FileField(label="Zip archive", help_text="Up to 50 MB.")


class AliasForm(StyledForm):
    """An alias with, if wanted, a second version and its share."""

    name = forms.CharField(label="Alias", max_length=128)
    function_version = forms.ChoiceField(label="Version")
    additional_version = forms.ChoiceField(label="Second version", required=False)
    weight = forms.FloatField(label="Its share (%)", required=False, min_value=0, max_value=100, widget=NumberAndSlider)
    description = forms.CharField(label="Description", max_length=256, required=False)

    def __init__(self, *args: Any, numbers: Sequence[str], **kwargs: Any) -> None:
        """*numbers*: the published versions, newest first."""
        names = [(number, f"version {number}") for number in numbers]
        offered = {"function_version": [*names, (LATEST, LATEST)], "additional_version": [("", "none"), *names]}
        super().__init__(*args, choices=offered, **kwargs)

    @classmethod
    def of(cls, alias: Alias | None, numbers: Sequence[str]) -> Self:
        """Filled in with an alias as it is."""
        if alias is None:
            return cls(numbers=numbers)
        second, weight = next(iter(alias.additional_version_weights.items()), ("", None))
        initial = {
            "name": alias.name,
            "function_version": alias.function_version,
            "additional_version": second,
            "weight": None if weight is None else f"{weight * 100:g}",
            "description": alias.description,
        }
        return cls(numbers=numbers, initial=initial)

    def parameters(self) -> dict[str, Any]:
        """As CreateAlias and UpdateAlias take them, without the names."""
        data = self.cleaned_data
        weights = {data["additional_version"]: (data["weight"] or 0) / 100} if data["additional_version"] else {}
        return {
            "FunctionVersion": data["function_version"],
            "Description": data["description"],
            "RoutingConfig": {"AdditionalVersionWeights": weights},
        }


class TestEventForm(StyledForm):
    """A payload with a name."""

    __test__ = False

    name = forms.CharField(label="Name", max_length=64)
    payload = forms.CharField(label="Event", strip=False, widget=forms.Textarea)


class ConcurrencyForm(StyledForm):
    """Reserved concurrency; empty for none."""

    reserved = forms.IntegerField(
        label="Reserved concurrency", required=False, min_value=0, help_text="Empty: unreserved. 0: throttle everything."
    )


class ProvisionedForm(StyledForm):
    """Environments kept ready for a version or alias; 0 takes them away."""

    qualifier = forms.ChoiceField(label="Version or alias")
    count = forms.IntegerField(label="Environments", min_value=0, help_text="0 takes them away.")

    def __init__(self, *args: Any, qualifiers: Sequence[str], **kwargs: Any) -> None:
        """*qualifiers*: the aliases and published versions there are."""
        super().__init__(*args, choices={"qualifier": [(qualifier, qualifier) for qualifier in qualifiers]}, **kwargs)


def clean_lines(text: str) -> str:
    """What was typed: forms send two characters at the end of a line."""
    return text.replace("\r\n", "\n")


def message_attributes(text: str) -> dict[str, dict[str, str]]:
    """Lines of Name=value or Name:Type=value as SendMessage and Publish take them. Raises ValidationError."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, separator, value = line.partition("=")
        if not separator:
            raise forms.ValidationError(f"Line {number} has no equals sign: write Name=value.")
        name, _, kind = name.strip().partition(":")
        found[name] = {"DataType": kind or "String", "StringValue": value.strip()}
    return found


def environment_text(variables: dict[str, str]) -> str:
    """What the configuration form shows for stored variables."""
    return "\n".join(f"{name}={value}" for name, value in sorted(variables.items()))


def pretty(payload: str) -> str:
    """JSON indented, or the text as it is."""
    try:
        return readable_json.dumps(json.loads(payload), indent=2)
    except (ValueError, RecursionError):
        return payload
