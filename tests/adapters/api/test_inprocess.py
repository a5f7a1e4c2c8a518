"""An ASGI application behind an ordinary synchronous client, from several threads at once."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from reconciler.adapters.api.inprocess import InProcessTransport


async def echo(scope: Any, receive: Any, send: Any) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 202, "headers": [(b"x-method", scope["method"].encode())]})
    await send({"type": "http.response.body", "body": scope["path"].encode() + b" " + message["body"]})


def test_method_path_body_and_headers_arrive_and_come_back() -> None:
    with httpx.Client(base_url="http://localhost", transport=InProcessTransport(echo)) as client:
        answer = client.patch("/sequences/x", content=b"body")
    assert (answer.status_code, answer.headers["x-method"], answer.text) == (202, "PATCH", "/sequences/x body")


def test_threads_get_their_own_answers() -> None:
    with (
        httpx.Client(base_url="http://localhost", transport=InProcessTransport(echo)) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        answers = list(pool.map(lambda number: client.post(f"/{number}", content=b"x").text, range(200)))
    assert answers == [f"/{number} x" for number in range(200)]


def test_closing_twice_is_closing_once_and_nothing_is_sent_afterwards():
    before = threading.active_count()
    transport = InProcessTransport(echo)
    client = httpx.Client(base_url="http://localhost", transport=transport)
    assert client.post("/1", content=b"x").text == "/1 x"
    transport.close()
    transport.close()
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        transport.handle_request(httpx.Request("GET", "http://localhost/2"))


def test_one_that_never_answered_anything_closes_too():
    before = threading.active_count()
    for _ in range(50):
        InProcessTransport(echo).close()
    assert threading.active_count() == before


def test_closing_ends_requests_in_flight_without_an_answer():
    arrived = threading.Semaphore(0)

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        arrived.release()
        await asyncio.Event().wait()

    client = httpx.Client(base_url="http://localhost", transport=InProcessTransport(silent))
    with ThreadPoolExecutor(4) as pool:
        flying = [pool.submit(client.get, f"/{number}") for number in range(4)]
        for _ in flying:
            assert arrived.acquire(timeout=30)
        client.close()
        assert [type(each.exception(timeout=30)) for each in flying] == [httpx.ReadError] * 4
