"""What a killed service had answered and not stored: a successor finds it."""

import os
import signal
from pathlib import Path

from invocations.journal_tail import Entry, JournalTail


def an_entry(number: int, response: bytes = b"") -> Entry:
    return {"record": b'{"number": %d}' % number, "request": b"{}", "response": response}


def after_a_killed_one(folder: Path, *steps: object) -> list[Entry]:
    """What is left of a process that does *steps* (an entry, "turn", "stored") and is killed."""
    child = os.fork()
    if not child:
        tail = JournalTail(folder)
        tail.open()
        for step in steps:
            if isinstance(step, dict):
                tail.append(step)
            else:
                getattr(tail, str(step))()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    return JournalTail(folder).open()


def test_everything_kept_is_found(tmp_path: Path) -> None:
    entries = [an_entry(1), an_entry(2, b"x" * 100_000)]
    assert after_a_killed_one(tmp_path, *entries) == entries


def test_what_was_stored_is_gone_and_what_came_meanwhile_is_not(tmp_path: Path) -> None:
    assert after_a_killed_one(tmp_path, an_entry(1), "turn", an_entry(2), "stored") == [an_entry(2)]


def test_a_batch_that_could_not_be_stored_stays(tmp_path: Path) -> None:
    steps = [an_entry(1), "turn", an_entry(2), "turn", an_entry(3)]
    assert after_a_killed_one(tmp_path, *steps) == [an_entry(number) for number in (1, 2, 3)]
    assert after_a_killed_one(tmp_path / "other", *steps, "stored", "turn", "stored", an_entry(4)) == [an_entry(4)]


def test_half_an_entry_is_none(tmp_path: Path) -> None:
    (tmp_path / "1-0").write_bytes(
        b"\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00abc1\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00ab"
    )
    tail = JournalTail(tmp_path)
    assert tail.open() == [{"record": b"abc", "request": b"1", "response": b""}]
    tail.forget_left()
    tail.close()
    assert list(tmp_path.iterdir()) == []


def test_the_files_of_one_that_lives_are_its_own(tmp_path: Path) -> None:
    living = JournalTail(tmp_path)
    living.open()
    living.append(an_entry(1))
    assert after_a_killed_one(tmp_path, an_entry(2)) == [an_entry(2)]
    living.close()
