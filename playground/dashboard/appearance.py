"""How a person wants the pages to look; kept in cookies, read by the server, so that no page flashes in the wrong colours."""

from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest, HttpResponse

THEMES = {"system": "System", "light": "Light", "dark": "Dark"}
CONTRASTS = {"normal": "Normal", "more": "High"}
KEYS = {"on": "On", "off": "Off"}
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Appearance:
    """One person's choices."""

    theme: str = "system"
    contrast: str = "normal"
    keys: str = "on"
    """Whether single keys do something (WCAG 2.1.4); chords always do."""

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """From the request's cookies; what is unknown there becomes the default."""
        return cls.chosen({name: request.COOKIES.get(name, "") for name in cls.__dataclass_fields__})

    @classmethod
    def chosen(cls, values: dict[str, str]) -> Self:
        """From names and values, of which some may be missing or wrong."""
        return cls(**{name: values[name] for name, allowed in CHOICES.items() if values.get(name) in allowed})

    def keep(self, response: HttpResponse) -> None:
        """Sets the cookies. Scripts read none of them."""
        for name in self.__dataclass_fields__:
            response.set_cookie(name, getattr(self, name), max_age=_YEAR, samesite="Lax", httponly=True)


CHOICES = {"theme": THEMES, "contrast": CONTRASTS, "keys": KEYS}
"""Field -> value -> label."""
