"""What the processes cost while nothing happens."""

import time
from pathlib import Path

from playground.supervision.trial import Trial
from tests.playground.supervision.processes import NAMES

AT_REST_MB = 320


def test_the_four_processes_rest_within_their_memory() -> None:
    with Trial() as trial:
        time.sleep(2)
        sizes = {name: _proportional_mb(trial.pid(name)) for name in NAMES}

    assert sum(sizes.values()) <= AT_REST_MB, sizes


def _proportional_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
