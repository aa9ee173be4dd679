"""Pages of keys, against a plain reading of the rules."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from invocations.models import StoredObject
from invocations.services.s3 import listing
from tests.invocations.services.s3.buckets_of_tests import ACCOUNT, a_bucket

KEYS = st.lists(st.text("ab/ü😀", min_size=1, max_size=5), unique=True, max_size=12)
TEXTS = st.text("ab/ü", max_size=2)


def expected(keys: list[str], prefix: str, delimiter: str, after: str) -> list[str]:
    """Keys, and prefixes in their place, all after *after*, in the order of their bytes."""
    found = set()
    for key in keys:
        if key.startswith(prefix) and key.encode() > after.encode():
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            found.add(key if at < 0 else key[: at + len(delimiter)])
    is_rolled = bool(delimiter) and after.startswith(prefix) and after.find(delimiter, len(prefix)) == len(after) - len(delimiter)
    return sorted((each for each in found if not (is_rolled and each == after)), key=str.encode)


class PagesTest(TestCase):
    """Hypothesis wants a class of its own to clear the database between examples."""

    @settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(keys=KEYS, prefix=TEXTS, delimiter=st.sampled_from(["", "/", "ab"]), after=TEXTS, limit=st.integers(1, 4))
    def test_pages_have_every_key_once_in_order(self, keys: list[str], prefix: str, delimiter: str, after: str, limit: int) -> None:
        bucket = a_bucket("hypotheses")
        moment = bucket.created_at
        StoredObject.objects.bulk_create(
            StoredObject(account_id=ACCOUNT, bucket=bucket, key_utf8=key.encode(), etag="", size=0, last_modified=moment, content_type="")
            for key in keys
        )
        rows = StoredObject.objects.of(ACCOUNT).filter(bucket=bucket)
        found: list[str] = []
        marker: str | None = after
        while marker is not None:
            page = listing.page(rows, prefix, delimiter, marker, limit)
            items = [row.key for row in page.rows] + page.prefixes
            assert len(items) <= limit
            assert page.next_key is None or len(items) == limit
            found += sorted(items, key=str.encode)
            marker = page.next_key
        assert found == expected(keys, prefix, delimiter, after)


@pytest.mark.django_db
def test_a_page_of_nothing_is_the_last() -> None:
    bucket = a_bucket()
    page = listing.page(StoredObject.objects.of(ACCOUNT).filter(bucket=bucket), "", "", "", 0)
    assert (page.rows, page.prefixes, page.next_key) == ([], [], None)
