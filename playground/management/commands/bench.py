"""`manage.py bench NAME`: measures, prints figures, decides nothing."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from playground.bench import asynchronous, chaos, invoke, patterns, policies, ui


class Command(BaseCommand):
    help = (
        "Measure the path of an invocation (invoke), asynchronous events (async), events while processes die (chaos), "
        "event patterns (patterns), permissions (policies), or the pages in a browser (ui); or send hostile requests to both ports (fuzz)."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["invoke", "async", "chaos", "patterns", "policies", "ui", "fuzz"])
        parser.add_argument("--seconds", type=float, default=5.0, help="how long each load lasts")
        parser.add_argument(
            "--journal", type=int, default=100_000, help="invocations to have in the journal for the last figure; 0 to leave it out"
        )
        parser.add_argument("--events", type=int, default=50_000, help="events to have behind the processes when their memory is read")

        parser.add_argument("--requests", type=int, default=100_000, help="how many hostile requests are sent")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "async":
            figures = asynchronous.measure(self.stderr.write, seconds=options["seconds"], events=options["events"])
        elif options["what"] == "chaos":
            figures = chaos.measure(self.stderr.write)
        elif options["what"] == "patterns":
            figures = patterns.measure()
        elif options["what"] == "policies":
            figures = policies.measure()
        elif options["what"] == "fuzz":
            from playground.bench.fuzz.measure import measure  # what makes the requests is there for tests alone

            figures = measure(self.stderr.write, count=options["requests"])
        elif options["what"] == "ui":
            figures = ui.measure(self.stderr.write)
        else:
            figures = invoke.measure(self.stderr.write, seconds=options["seconds"], journal=options["journal"])
        for name, figure in figures.items():
            self.stdout.write(f"{name:<34} {figure if not isinstance(figure, dict) else json.dumps(figure)}")
