"""An ASGI application behind an ordinary synchronous client, from several threads at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

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
