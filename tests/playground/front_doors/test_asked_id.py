"""An id that a page gives a call of a function URL is taken from this installation's own processes alone."""

import pytest

from playground.front_doors import asked_id

ID = "11111111-1111-4111-a111-111111111111"


def test_a_sealed_id_is_taken_out_of_the_headers() -> None:
    headers = {asked_id.HEADER: asked_id.sealed(ID), "host": "x"}
    assert asked_id.take(headers) == ID
    assert headers == {"host": "x"}


@pytest.mark.parametrize(
    "value", [None, "", ID, f"{ID}.", f"{ID}.{'0' * 64}", f"{ID}.\xe9", asked_id.sealed(ID).replace("1111", "2222", 1)]
)
def test_any_other_is_none(value: str | None) -> None:
    headers = {} if value is None else {asked_id.HEADER: value}
    assert asked_id.take(headers) == ""
    assert headers == {}
