"""The two tags that hold all markup of the live socket: the socket itself, and what it keeps true."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def live_socket(context: template.Context) -> SafeString:
    """The page's one WebSocket. live.js has it opened, with the topics of all regions and the announcement to begin behind."""
    request = context.get("request")
    account = context.get("account")
    if account is None:
        return SafeString("")
    return format_html(
        '<div id="live" data-connect="/ws{}" hx-swap="none" data-after="{}"></div>',
        reverse("playground", args=[account.account_id]),
        getattr(request, "live_after", ""),
    )


@register.simple_tag(takes_context=True)
def live(context: template.Context, region: str, *topics: str) -> SafeString:
    """Attributes of an element that is kept true: its id, the topics that change it, and the announcement it was drawn after."""
    after = getattr(context.get("request"), "live_after", "")
    return format_html('id="{}" data-topics="{}" data-after="{}"', region, " ".join(topics), after)
