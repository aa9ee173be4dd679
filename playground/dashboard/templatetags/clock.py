"""Times on the account's clock: the badge of the header, and countdowns that any page can show."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from invocations import clock
from playground.dashboard.account_time import ClockView, countdown

register = template.Library()


@register.simple_tag(takes_context=True)
def due_in(context: template.Context, moment: float | None, form: str = "both") -> SafeString | str:
    """How long it is until the account's clock shows *moment* (epoch seconds on that clock): "58 s, 1 s real".

    `{% due_in retry.at %}` puts down a `<time data-due="…">`. app.js counts it down by the account's rate, in every page and in
    every fragment that comes over the socket: it stands while the clock or the page is paused, it says "now" once the moment is
    there, and for those who want calm it shows the moment itself. The `title` has the moment in UTC. *form* "short" leaves real
    time out. It keeps its width while it counts; write it at the end of a sentence or in a cell of its own. None gives a dash.
    Where the template's context has no clock (fragments of the socket), it shows the moment until the script comes by.
    """
    if moment is None:
        return "–"
    at = clock.from_epoch(moment)
    view = context.get("clock")
    text = view.left(moment, is_short=form == "short") if isinstance(view, ClockView) else f"{at:%H:%M:%S} UTC"
    return format_html(
        '<time class="due" datetime="{}" data-due="{}" data-due-form="{}" title="{} UTC on the account’s clock">{}</time>',
        *(clock.iso_millis(at), f"{moment:.3f}", form, f"{at:%Y-%m-%d %H:%M:%S}", text),
    )


@register.simple_tag(takes_context=True)
def age_since(context: template.Context, moment: float) -> SafeString:
    """How long ago the account's clock showed *moment*; app.js counts it up."""
    at = clock.from_epoch(moment)
    view = context.get("clock")
    text = countdown(max(view.now - moment, 0)) if isinstance(view, ClockView) else f"since {at:%H:%M:%S} UTC"
    return format_html(
        '<time class="due" datetime="{}" data-since="{}" title="since {} UTC on the account’s clock">{}</time>',
        *(clock.iso_millis(at), f"{moment:.3f}", f"{at:%Y-%m-%d %H:%M:%S}", text),
    )
