"""`manage.py legend`: writes the stylesheet of the states anew, after a change in playground/dashboard/legend.py."""

from typing import Any

from django.core.management.base import BaseCommand

from playground.dashboard import legend


class Command(BaseCommand):
    """Writes static/dashboard/states.css."""

    help = "Writes static/dashboard/states.css from the table of states (maintainers)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Writes the file."""
        legend.STYLESHEET.write_text(legend.css())
        self.stdout.write(str(legend.STYLESHEET))
