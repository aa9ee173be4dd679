"""Tags that any page uses: icons, states, times, keys, things to copy."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from invocations import clock
from playground.dashboard import figures, legend, vendored
from playground.dashboard.permissions.asked import Asked

register = template.Library()


@register.simple_tag
def vendor(name: str) -> str:
    """The address of a file in static/vendor/, by its name without version."""
    return static(vendored.static_path(name))


@register.simple_tag
def icon_sprite() -> SafeString:
    """All icons, once a page."""
    return vendored.sprite()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One icon: decoration, or with *label* an image that says so."""
    if name not in vendored.ICONS:
        raise KeyError(f"no icon {name!r}")
    told = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon icon-{}" {}><use href="#i-{}"/></svg>', name, told, name)


@register.simple_tag
def state(value: str, word: str = "") -> SafeString:
    """A state as the legend has it: icon and word, in its colour. *word* stands in for the legend's."""
    shown = legend.look(value)
    return format_html('<span class="state" data-state="{}">{}{}</span>', shown.slug, icon(shown.icon), word or shown.word)


@register.filter
def state_slug(value: str) -> str:
    """The data-state of a state."""
    return legend.look(value).slug


@register.simple_tag(takes_context=True)
def explainer_link(context: template.Context, detail: Mapping[str, Any]) -> SafeString | str:
    """Leads from what kept a decision about permissions (a step's detail, a failed delivery) to why; nothing where there is none."""
    decision = detail.get("decision")
    if not decision:
        return ""
    url = Asked.of_decision(context["account_id"], decision).url
    return format_html(' <a href="{}">See why, and what would allow it</a>', url)


@register.simple_tag
def when(moment: datetime | float | None, form: str = "time") -> SafeString | str:
    """A moment: UTC from the server; scripts turn it into local time, with UTC on hover. *form*: time, full or ago."""
    if moment is None:
        return "–"
    at = clock.from_epoch(moment) if isinstance(moment, int | float) else moment
    text = f"{at:%H:%M:%S}" if form == "time" else f"{at:%Y-%m-%d %H:%M:%S}"
    return format_html(
        '<time datetime="{}" data-time="{}" title="{} UTC">{}</time>', clock.iso_millis(at), form, f"{at:%Y-%m-%d %H:%M:%S}", text
    )


@register.filter
def ms(duration_ms: float | None) -> str:
    """A duration in one unit."""
    return "–" if duration_ms is None else figures.milliseconds(duration_ms)


@register.filter
def middle(text: str, kept: int = 12) -> str:
    """A long id, shortened in its middle."""
    half = kept // 2
    return text if len(text) <= kept + 1 else f"{text[:half]}…{text[-half:]}"


@register.simple_tag
def copy_button(text: str, what: str = "") -> SafeString:
    """A button that copies *text*; nothing without scripts."""
    label = f"Copy {what}" if what else "Copy"
    return format_html(
        '<button type="button" class="btn ghost small icon-only copy js-only" data-copy="{}" aria-label="{}">{}</button>',
        text,
        label,
        icon("copy"),
    )


@register.simple_tag
def keys(chord: str) -> SafeString:
    """Keys to press: `Mod` is Ctrl, or Command on a Mac (scripts put that right)."""
    parts = [
        format_html("<kbd{}>{}</kbd>", mark_safe(" data-mod") if part == "Mod" else "", "Ctrl" if part == "Mod" else part)
        for part in chord.split("+")
    ]
    return mark_safe('<span class="nowrap">' + "".join(parts) + "</span>")
