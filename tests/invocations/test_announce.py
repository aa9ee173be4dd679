"""The stream of announcements keeps what a page may have missed, and no more than it may weigh."""

import pytest

from invocations import announce, store

ACCOUNT = "111111111111"


@pytest.mark.parametrize(
    ("weight", "entries"),
    [
        (100, announce.KEPT),
        (announce.KEPT_BYTES // announce.KEPT, announce.KEPT),
        (announce.KEPT_BYTES // 500, 500),
        (announce.KEPT_BYTES, announce.FEWEST_KEPT),
        (0, announce.KEPT),
    ],
)
def test_how_many_entries_are_kept_follows_from_their_weight(weight: int, entries: int) -> None:
    assert announce.kept_beside(weight) == entries


@pytest.mark.usefixtures("redis_server")
def test_crowded_announcements_do_not_pile_up() -> None:
    crowd = [{"kind": "log", "lines": "x" * (announce.KEPT_BYTES // announce.FEWEST_KEPT)}]
    for _ in range(announce.FEWEST_KEPT + 20):
        announce.publish(ACCOUNT, crowd)
    assert store.connection().xlen(store.announcements_key(ACCOUNT)) == announce.FEWEST_KEPT
