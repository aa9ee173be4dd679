"""Responses that come in chunks."""

import asyncio
import json
import time

import pytest

from invocations.execution.spec import RunEvent
from invocations.execution.streaming import ResponseStream
from invocations.values import RunOutcome
from tests.invocations.execution.workbench import ARN, TRACE_ID, Workbench

NODE = """
exports.three = awslambda.streamifyResponse(async (event, stream, context) => {
  stream.setContentType('text/plain');
  for (const part of ['one', 'two', 'three']) {
    stream.write(part);
    await new Promise((done) => setTimeout(done, 300));
  }
  stream.end();
});
exports.http = awslambda.streamifyResponse(async (event, stream) => {
  stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { a: 'b' } });
  stream.write('body');
  stream.end();
});
exports.broken = awslambda.streamifyResponse(async (event, stream) => { stream.write('part'); throw new Error('midway'); });
exports.unfinished = awslambda.streamifyResponse(async (event, stream) => { stream.write('part'); });
exports.plain = async () => ({ not: 'streamed' });
exports.big = awslambda.streamifyResponse(async (event, stream) => {
  for (let n = 0; n < 64; n += 1) if (!stream.write(Buffer.alloc(65536))) await new Promise((done) => stream.once('drain', done));
  stream.end();
});
"""


def stream(bench: Workbench, handler: str, pause: float = 0.0) -> tuple[RunOutcome, list[tuple[float, bytes]], list[str]]:
    environment = bench.start({"index.js": NODE}, runtime="nodejs20.x", handler=f"index.{handler}")
    chunks: list[tuple[float, bytes]] = []
    content_types: list[str] = []

    async def take(chunk: bytes) -> None:
        chunks.append((time.monotonic(), chunk))
        await asyncio.sleep(pause)

    event = RunEvent("id", b"{}", ARN, TRACE_ID, on_chunk=take, on_content_type=content_types.append)
    return bench.run(environment.invoke(event)), chunks, content_types


def test_chunks_arrive_while_the_function_still_writes(bench: Workbench) -> None:
    outcome, chunks, content_types = stream(bench, "three")
    assert b"".join(chunk for _, chunk in chunks) == b"onetwothree"
    assert chunks[0][1] == b"one"
    assert chunks[-1][0] - chunks[0][0] > 0.2
    assert content_types == ["text/plain"]
    assert (outcome.status, outcome.payload, outcome.content_type) == ("success", b"", "text/plain")


def test_an_http_response_begins_with_its_prelude_and_eight_zero_bytes(bench: Workbench) -> None:
    _, chunks, content_types = stream(bench, "http")
    prelude, _, body = b"".join(chunk for _, chunk in chunks).partition(bytes(8))
    assert json.loads(prelude) == {"statusCode": 201, "headers": {"a": "b"}}
    assert body == b"body"
    assert content_types == ["application/vnd.awslambda.http-integration-response"]


@pytest.mark.parametrize(("handler", "message"), [("broken", "midway"), ("unfinished", "Response stream is not finished.")])
def test_an_error_midway_is_in_the_outcome_after_the_chunks(bench: Workbench, handler: str, message: str) -> None:
    outcome, chunks, _ = stream(bench, handler)
    assert [chunk for _, chunk in chunks] == [b"part"]
    assert (outcome.status, outcome.function_error) == ("error", "Unhandled")
    assert json.loads(outcome.payload)["errorMessage"] == message


def test_a_function_that_does_not_stream_answers_in_one_chunk(bench: Workbench) -> None:
    outcome, chunks, content_types = stream(bench, "plain")
    assert [chunk for _, chunk in chunks] == [b'{"not":"streamed"}']
    assert content_types == ["application/json"]
    assert outcome.payload == b""


def test_a_streaming_function_can_be_invoked_for_a_whole_response(bench: Workbench) -> None:
    environment = bench.start({"index.js": NODE}, runtime="nodejs20.x", handler="index.three")
    assert bench.invoke(environment).payload == b"onetwothree"
    assert bench.invoke(environment).payload == b"onetwothree"


def test_a_slow_reader_gets_everything(bench: Workbench) -> None:
    outcome, chunks, _ = stream(bench, "big", pause=0.002)
    assert sum(len(chunk) for _, chunk in chunks) == 64 * 65536
    assert outcome.status == "success"


def test_a_reader_that_has_gone_does_not_stop_the_function(bench: Workbench) -> None:
    environment = bench.start({"index.js": NODE}, runtime="nodejs20.x", handler="index.three")

    async def gone(_: bytes) -> None:
        raise ConnectionResetError

    outcome = bench.run(environment.invoke(RunEvent("id", b"{}", ARN, TRACE_ID, on_chunk=gone)))
    assert outcome.status == "success"
    assert bench.run(environment.ready())


def test_after_six_megabytes_a_stream_goes_at_two_megabytes_a_second() -> None:
    async def go() -> float:
        async def take(_: bytes) -> None:
            return

        response = ResponseStream(take, None)
        began = time.monotonic()
        for _ in range(26):
            response.put(bytes(256 * 1024))
        done: asyncio.Future[RunOutcome] = asyncio.get_running_loop().create_future()
        await response.finish(RunOutcome(b""), done)
        return time.monotonic() - began

    assert 0.2 < asyncio.run(go()) < 5.0
