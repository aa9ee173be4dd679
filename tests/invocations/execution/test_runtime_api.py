"""The Runtime API, spoken to by hand."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from invocations.execution.runtime_api import MOST_CONNECTIONS, RuntimeApi, RuntimeState

NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"Lambda-Runtime-Aws-Request-Id: id\r\n"


class Listener:
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.wants_chunks = True

    def runtime_is_ready(self) -> None:
        self.heard.append(("ready",))

    def runtime_responded(self, body: bytes, content_type: str) -> None:
        self.heard.append(("response", body, content_type))

    def runtime_response_too_large(self) -> None:
        self.heard.append(("too large",))

    def runtime_failed(self, error_type: str, body: bytes) -> None:
        self.heard.append(("error", error_type, body))

    def runtime_failed_init(self, error_type: str, body: bytes) -> None:
        self.heard.append(("init error", error_type, body))

    def runtime_streams(self, content_type: str) -> bool:
        self.heard.append(("stream", content_type))
        return self.wants_chunks

    def runtime_streamed(self, chunk: bytes, source: asyncio.ReadTransport) -> None:
        self.heard.append(("chunk", chunk))

    def runtime_streamed_all(self, error_type: str | None, error: bytes) -> None:
        self.heard.append(("end", error_type, error))


class Client:
    """A raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        self.writer.write(request)
        return await self.answer()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
        return int(head[0].split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))

    async def post(self, path: str, body: bytes = b"", headers: str = "") -> tuple[int, dict[str, Any]]:
        status, _, answer = await self.ask(post(path, body, headers))
        return status, json.loads(answer)


def post(path: str, body: bytes = b"", headers: str = "") -> bytes:
    return f"POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


Scene = Callable[[RuntimeApi, Listener, Callable[[], Awaitable[Client]]], Awaitable[None]]


def play(scene: Scene) -> None:
    """Serves an API on a free port and lets *scene* talk to it."""

    async def go() -> None:
        listener = Listener()
        api = RuntimeApi(listener)
        server = await asyncio.get_running_loop().create_server(api.connection, "127.0.0.1", 0)
        clients: list[Client] = []

        async def connect() -> Client:
            clients.append(Client(*await asyncio.open_connection(*server.sockets[0].getsockname())))
            return clients[-1]

        try:
            await asyncio.wait_for(scene(api, listener, connect), 20)
        finally:
            for client in clients:
                client.writer.close()
            server.close()

    asyncio.run(go())


async def take_event(api: RuntimeApi, client: Client, request_id: str = "id") -> dict[str, str]:
    client.writer.write(NEXT)
    while not api.is_waiting:
        await asyncio.sleep(0.001)
    assert api.hand_over(request_id, HEAD, b'{"a":1}')
    status, headers, body = await client.answer()
    assert (status, body) == (200, b'{"a":1}')
    return headers


def test_an_event_is_handed_over_and_answered() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        for number in (1, 2):
            headers = await take_event(api, client)
            assert headers == {
                "content-type": "application/json",
                "lambda-runtime-aws-request-id": "id",
                "lambda-runtime-invocation-id": str(number),
                "content-length": "7",
            }
            assert await client.post("invocation/id/response", b"3", "Content-Type: text/plain\r\n") == (202, {"status": "OK"})
            assert listener.heard[-1] == ("response", b"3", "text/plain")

    play(scene)


def test_errors_keep_their_type_when_it_is_well_formed() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        for given, kept in (("Function.Mine", "Function.Mine"), ("ValueError", "Function.Unknown")):
            await take_event(api, client)
            headers = f"Lambda-Runtime-Function-Error-Type: {given}\r\n"
            assert (await client.post("invocation/id/error", b'{"errorMessage":"x"}', headers))[0] == 202
            assert listener.heard[-1] == ("error", kept, b'{"errorMessage":"x"}')

    play(scene)


def test_init_errors_are_taken_before_the_first_next_only() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        headers = "Lambda-Runtime-Function-Error-Type: Runtime.ImportModuleError\r\n"
        assert await client.post("init/error", b"{}", headers) == (202, {"status": "OK"})
        assert listener.heard == [("init error", "Runtime.ImportModuleError", b"{}")]
        status, refusal = await client.post("init/error", b"{}")
        assert (status, refusal["errorType"]) == (403, "InvalidStateTransition")
        expected = "State transition from InitError to InitError failed for runtime. Error: State transition is not allowed"
        assert refusal["errorMessage"] == expected

    play(scene)


def test_calls_out_of_order_or_for_others_are_refused() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client, other = await connect(), await connect()
        status, refusal = await client.post("invocation/id/response", b"1")
        assert (status, refusal["errorType"]) == (403, "InvalidStateTransition")
        await take_event(api, client)
        refusals = [
            await other.post("invocation/another/response", b"1"),
            await other.post("invocation/id/response", b"1", "Lambda-Runtime-Invocation-Id: 77\r\n"),
            await other.post("restore/error"),
        ]
        assert [(status, refusal["errorType"]) for status, refusal in refusals] == [
            (400, "InvalidRequestID"),
            (400, "InvalidInvocationId"),
            (403, "InvalidStateTransition"),
        ]
        assert refusals[0][1]["errorMessage"] == "Invalid request ID"
        status, _, body = await other.ask(NEXT)
        assert (status, json.loads(body)["errorType"]) == (403, "InvalidStateTransition")
        assert listener.heard == [("ready",)]
        assert (await client.post("invocation/id/response", b"1"))[0] == 202

    play(scene)


def test_a_wrong_response_mode_ends_the_invocation() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        await take_event(api, client)
        status, refusal = await client.post("invocation/id/response", b"1", "Lambda-Runtime-Function-Response-Mode: odd\r\n")
        assert (status, refusal["errorType"]) == (400, "InvalidFunctionResponseMode")
        assert listener.heard[-1][:2] == ("error", "Runtime.InvalidResponseModeHeader")

    play(scene)


def test_a_body_over_six_megabytes_is_thrown_away_and_refused() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        await take_event(api, client)
        status, refusal = await client.post("invocation/id/response", bytes(6291557))
        assert status == 413
        assert refusal == {
            "errorMessage": "Exceeded maximum allowed payload size (6291556 bytes).",
            "errorType": "RequestEntityTooLarge",
        }
        assert listener.heard[-1] == ("too large",)
        await take_event(api, client)
        assert (await client.post("invocation/id/response", bytes(6291556)))[0] == 202

    play(scene)


def test_streams_come_chunk_by_chunk_with_their_errors_in_trailers() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        await take_event(api, client)
        head = post("invocation/id/response", headers="Lambda-Runtime-Function-Response-Mode: streaming\r\n" + "Content-Type: text/x\r\n")
        head = head.replace(b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n")
        client.writer.write(head + b"3\r\nabc\r\n")
        while ("chunk", b"abc") not in listener.heard:
            await asyncio.sleep(0.001)
        trailers = b"Lambda-Runtime-Function-Error-Type: Function.Broken\r\nLambda-Runtime-Function-Error-Body: eyJhIjoxfQ==\r\n"
        status, _, _ = await client.ask(b"2\r\nde\r\n0\r\n" + trailers + b"\r\n")
        assert status == 202
        assert listener.heard[1:] == [("stream", "text/x"), ("chunk", b"abc"), ("chunk", b"de"), ("end", "Function.Broken", b'{"a":1}')]

    play(scene)


def test_a_stream_that_is_cut_is_told_of() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        await take_event(api, client)
        head = post("invocation/id/response", headers="Lambda-Runtime-Function-Response-Mode: streaming\r\n")
        client.writer.write(head.replace(b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n") + b"3\r\nabc\r\n")
        await client.writer.drain()
        client.writer.close()
        while listener.heard[-1][0] != "end":
            await asyncio.sleep(0.001)
        assert listener.heard[-1][1] == "Runtime.TruncatedResponse"

    play(scene)


def test_a_plain_body_that_is_cut_leaves_the_invocation_open() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client, other = await connect(), await connect()
        await take_event(api, client)
        client.writer.write(post("invocation/id/response", b"12345678")[:-4])
        while api.state is not RuntimeState.INVOCATION_RESPONSE:
            await asyncio.sleep(0.001)
        client.writer.close()
        while api.state is not RuntimeState.RUNNING:
            await asyncio.sleep(0.001)
        assert (await other.post("invocation/id/response", b"1"))[0] == 202

    play(scene)


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /2018-06-01/ping", 200),
        ("GET /2018-06-01/runtime/restore/next", 403),
        ("POST /2020-01-01/extension/register", 403),
        ("PUT /2022-07-01/telemetry", 202),
        ("PUT /2020-08-15/logs", 202),
        ("GET /elsewhere", 404),
        ("POST /2018-06-01/runtime/invocation/next", 405),
    ],
)
def test_the_other_addresses(request_line: str, status: int) -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        answer = await client.ask(f"{request_line} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
        assert answer[0] == status
        assert listener.heard == []

    play(scene)


def test_one_connection_too_many_is_hung_up_on() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        clients = [await connect() for _ in range(MOST_CONNECTIONS)]
        for client in clients:
            assert (await client.ask(b"GET /2018-06-01/ping HTTP/1.1\r\n\r\n"))[0] == 200
        extra = await connect()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await extra.ask(b"GET /2018-06-01/ping HTTP/1.1\r\n\r\n")
        clients[0].writer.close()
        while len(api.connections) == MOST_CONNECTIONS:
            await asyncio.sleep(0.001)
        assert (await (await connect()).ask(b"GET /2018-06-01/ping HTTP/1.1\r\n\r\n"))[0] == 200

    play(scene)


def test_expect_continue_is_answered() -> None:
    async def scene(api: RuntimeApi, listener: Listener, connect: Callable[[], Awaitable[Client]]) -> None:
        client = await connect()
        await take_event(api, client)
        whole = post("invocation/id/response", b"12", "Expect: 100-continue\r\n")
        client.writer.write(whole[:-2])
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        status, _, _ = await client.ask(b"12")
        assert status == 202
        assert listener.heard[-1][:2] == ("response", b"12")

    play(scene)
