"""All kinds of resources, in the order of the overview."""

from django.http import Http404

from playground.dashboard.resources import buckets, buses, queues, schedules, topics
from playground.dashboard.resources.kind import Kind

KINDS: tuple[Kind, ...] = (queues.KIND, topics.KIND, buses.KIND, schedules.KIND, buckets.KIND)


def find(slug: str) -> Kind:
    """Raises Http404."""
    for kind in KINDS:
        if kind.slug == slug:
            return kind
    raise Http404(f"There is no kind of resource {slug!r}.")
