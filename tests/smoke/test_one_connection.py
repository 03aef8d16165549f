"""A stream on a connection that served a webhook before must outlive uvicorn's keep-alive clock."""

import asyncio
from typing import Any

import pytest

from ivr.server import _one_request

pytestmark = pytest.mark.smoke


def test_every_answer_closes_its_connection() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def answer() -> None:
        closing = _one_request(send)
        await closing({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
        await closing({"type": "http.response.body", "body": b"x"})

    asyncio.run(answer())
    assert sent[0]["headers"] == [(b"a", b"b"), (b"connection", b"close")]
    assert sent[1] == {"type": "http.response.body", "body": b"x"}
