"""Filters of the function pages."""

from collections.abc import Mapping
from typing import Any

from django import template

from playground.dashboard import figures

register = template.Library()


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """The value of *key*, or None."""
    return mapping.get(key)


@register.filter
def share(weight: float) -> str:
    """0.25 as 25 %."""
    return figures.share(weight)
