"""The templates' backend: it has fragments, and every page is a UTF-8."""

from django.template import engines
from django.template.loader import get_template


def test_a_fragment_of_a_page_is_found_by_its_name() -> None:
    assert get_template("dashboard/invocations.html#list").render({"views": [], "account_id": "0"}).count("Nothing was invoked") == 1


def test_half_a_surrogate_pair_is_shown_as_a_replacement() -> None:
    assert engines["django"].from_string("{{ text }}").render({"text": "a\ud83d"}) == "a\ufffd"
