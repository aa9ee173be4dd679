"""Lines: in order, live, within bounds."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from invocations.execution.logs import KEPT_FROM_END, KEPT_FROM_START, LONGEST_LINE, LogBook, LogPipe
from invocations.execution.spec import RunEvent
from invocations.values import LogLine
from tests.invocations.execution.workbench import ARN, TRACE_ID, Workbench, printed, texts


def test_standard_output_and_error_come_in_the_order_in_which_they_were_written(bench: Workbench) -> None:
    code = """
import os, sys, subprocess, logging
def handler(event, context):
    for n in range(20):
        print("out", n)
        print("err", n, file=sys.stderr)
        os.write(1, b"raw %d\\n" % n)
    subprocess.run(["sh", "-c", "echo child"])
    logging.warning("logged")
    sys.stdout.write("no newline")
"""
    outcome = bench.invoke(bench.start(code), request_id="an-id")
    lines = printed(outcome)
    assert lines[:60] == [f"{word} {n}" for n in range(20) for word in ("out", "err", "raw")]
    assert lines[60] == "child"
    assert lines[61].startswith("[WARNING]\t")
    assert lines[61].endswith("Z\tan-id\tlogged")
    assert lines[62:] == ["no newline"]
    assert [line.at for line in outcome.log] == sorted(line.at for line in outcome.log)


def test_lines_are_told_of_while_the_function_runs(bench: Workbench) -> None:
    code = "import time\ndef handler(event, context):\n    print('first')\n    time.sleep(1)\n    print('second')\n"
    environment = bench.start(code)
    batches: list[list[str]] = []

    async def go() -> list[str]:
        event = RunEvent("one", b"{}", ARN, TRACE_ID, on_log=lambda lines: batches.append([line.text for line in lines]))
        task = asyncio.ensure_future(environment.invoke(event))
        while not any("first" in batch for batch in batches):
            await asyncio.sleep(0.01)
        seen = [text for batch in batches for text in batch]
        await task
        return seen

    seen = bench.run(go())
    assert seen[0].startswith("INIT_START")
    assert seen[1:] == ["START RequestId: one Version: $LATEST", "first"]
    told = [text for batch in batches for text in batch]
    assert told[len(seen)] == "second"
    assert told[-2:] == ["END RequestId: one", told[-1]]
    assert told[-1].startswith("REPORT RequestId: one")


def test_what_is_printed_at_init_is_in_the_first_invocations_log_but_not_in_its_tail(bench: Workbench) -> None:
    environment = bench.start("print('at init')\ndef handler(event, context):\n    print('in handler')\n")
    first, second = bench.invoke(environment), bench.invoke(environment)
    assert printed(first) == ["at init", "in handler"]
    assert first.tail.startswith(b"START RequestId")
    assert b"at init" not in first.tail
    assert printed(second) == ["in handler"]
    assert second.tail.decode() == "".join(text + "\n" for text in texts(second))


def test_the_tail_is_the_last_four_kilobytes(bench: Workbench) -> None:
    outcome = bench.invoke(bench.start("def handler(event, context):\n    for n in range(500):\n        print('line', n)\n"))
    assert len(outcome.tail) == 4096
    whole = "".join(text + "\n" for text in texts(outcome)).encode()
    assert whole.endswith(outcome.tail)


def test_a_line_of_any_bytes_is_shown(bench: Workbench) -> None:
    code = "import os\ndef handler(event, context):\n    os.write(1, b'\\xff\\xfe caf\\xc3\\xa9\\n')\n"
    code += "    os.write(1, b'x' * 600000 + b'\\n')\n"
    lines = printed(bench.invoke(bench.start(code)))
    assert lines[0] == "\ufffd\ufffd café"
    assert [len(line) for line in lines[1:]] == [LONGEST_LINE, LONGEST_LINE, 600000 - 2 * LONGEST_LINE]


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    yield reader, writer
    os.close(reader)
    os.close(writer)


def test_lines_are_put_together_from_pieces(pipe: tuple[int, int]) -> None:
    lines: list[str] = []

    async def go() -> None:
        log = LogPipe(pipe[0], lambda batch: lines.extend(line.text for line in batch))
        for piece in (b"on", b"e\ntw", b"o\n\nthr"):
            os.write(pipe[1], piece)
            log.drain()
        assert lines == ["one", "two", ""]
        os.write(pipe[1], b"ee")
        log.finish()
        log.finish()
        log.close()

    asyncio.run(go())
    assert lines == ["one", "two", "", "three"]


def test_a_flood_is_read_slowly(pipe: tuple[int, int]) -> None:
    sizes: list[int] = []

    async def go() -> None:
        log = LogPipe(pipe[0], lambda batch: sizes.append(sum(len(line.text) for line in batch)))
        log.is_flooded = True
        os.set_blocking(pipe[1], False)
        end = asyncio.get_running_loop().time() + 0.2
        while asyncio.get_running_loop().time() < end:
            try:
                os.write(pipe[1], b"x" * 4095 + b"\n")
            except BlockingIOError:
                await asyncio.sleep(0)
        log.close()

    asyncio.run(go())
    assert 0 < sum(sizes) < 15 * 65536


def lines_of(count: int, text: str) -> list[LogLine]:
    return [LogLine(float(n), f"{n} {text}") for n in range(count)]


def test_a_book_keeps_the_beginning_and_the_end() -> None:
    book = LogBook()
    shown = book.add([LogLine(0.0, "x" * KEPT_FROM_START)])
    assert len(shown) == 1
    assert book.add(lines_of(1000, "y" * 1000)) == []
    rest = book.close([LogLine(1000.0, "REPORT")])
    assert rest[0].text.startswith("[9")
    assert rest[0].text.endswith("lines are not kept: an invocation's log is kept up to 1 MB, and its end]")
    assert rest[-1].text == "REPORT"
    assert rest[-2].text.startswith("999 ")
    assert sum(len(line.text) for line in rest[1:-1]) <= KEPT_FROM_END
    assert book.lines == shown + rest


def test_a_book_that_is_not_full_keeps_all_and_says_nothing() -> None:
    book = LogBook()
    lines = lines_of(10, "y")
    assert book.add(lines) == lines
    assert book.close([]) == []
    assert book.lines == lines
