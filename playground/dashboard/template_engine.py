"""Django's templates, whose pages always have a UTF-8: text that somebody sent as JSON may hold half a surrogate pair, which has none."""

import re
from typing import Any, Final

from django.http import HttpRequest
from django.template.backends import django
from django.utils.safestring import SafeString, mark_safe

_HALVES: Final = re.compile("[\ud800-\udfff]")


class Template(django.Template):
    """A template that shows such halves as U+FFFD."""

    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        """The page, or the part of one."""
        return mark_safe(_HALVES.sub("\ufffd", super().render(context, request)))


class Templates(django.DjangoTemplates):
    """The backend of that name."""

    def from_string(self, template_code: str) -> Template:
        """A template of that text."""
        return Template(super().from_string(template_code).template, self)

    def get_template(self, template_name: str) -> Template:
        """The template of that name."""
        return Template(super().get_template(template_name).template, self)
