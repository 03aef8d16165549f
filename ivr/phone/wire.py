"""The carrier's HTTP and WebSocket, signed; the only file here that knows aiohttp."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urljoin
from uuid import uuid4

import aiohttp

from ivr.phone.signing import signed

TIMEOUT_S = 15.0
"""The hard cap of all call-related requests."""


@dataclass(frozen=True, slots=True)
class Fetched:
    status: int
    body: bytes
    kind: str
    """Content type without parameters."""
    took_s: float


class Refused(Exception):
    """The WebSocket was not opened; `status` is the HTTP status, None where nothing answered."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"stream refused: HTTP {status}")
        self.status = status


class Socket:
    """One open media stream."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, text: str) -> bool:
        """Return whether it went out: False once the other side has closed."""
        if self._socket.closed:
            return False
        try:
            await self._socket.send_str(text)
        except (ConnectionError, aiohttp.ClientError):
            return False
        return True

    async def texts(self) -> AsyncIterator[str]:
        """Yield what the hotline sends until the socket is closed or breaks."""
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                yield message.data

    async def close(self) -> None:
        await self._socket.close()

    def tear(self) -> None:
        """Cut the connection as a dead network does: no `stop`, no closing handshake."""
        transport = self._socket.get_extra_info("socket")
        connection = self._socket._response.connection
        if transport is not None and connection is not None and connection.transport is not None:
            connection.transport.abort()


class Wire:
    """All requests of one simulated call."""

    def __init__(self, auth_token: str) -> None:
        self._token = auth_token
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            headers={"User-Agent": "TwilioProxy/1.1"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def post(self, url: str, form: Mapping[str, str], *, token: str | None = None) -> Fetched:
        """Post a signed webhook. A connection that fails counts as status 502."""
        headers = {
            "X-Twilio-Signature": signed(self._token, url, form),
            "I-Twilio-Idempotency-Token": token or str(uuid4()),
        }
        begun = time.monotonic()
        try:
            async with self._session.post(
                url.split("#")[0], data=dict(form), headers=headers, allow_redirects=False
            ) as answer:
                body = await answer.read()
                return Fetched(answer.status, body, answer.content_type, time.monotonic() - begun)
        except (aiohttp.ClientError, TimeoutError):
            return Fetched(502, b"", "", time.monotonic() - begun)

    async def get(self, url: str) -> Fetched:
        """Fetch a recording."""
        begun = time.monotonic()
        try:
            async with self._session.get(url) as answer:
                body = await answer.read()
                return Fetched(answer.status, body, answer.content_type, time.monotonic() - begun)
        except (aiohttp.ClientError, TimeoutError):
            return Fetched(502, b"", "", time.monotonic() - begun)

    @asynccontextmanager
    async def stream(self, url: str) -> AsyncIterator[Socket]:
        """Open a media stream; the upgrade is signed over its `wss` address, header lower case.

        Raises:
            Refused: no 101 came back (the carrier's error 31920).
        """
        headers = {"x-twilio-signature": signed(self._token, url)}
        try:
            socket = await self._session.ws_connect(url, headers=headers, max_msg_size=0)
        except aiohttp.WSServerHandshakeError as error:
            raise Refused(error.status) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Refused(None) from error
        try:
            yield Socket(socket)
        finally:
            await socket.close()


def absolute(base: str, url: str) -> str:
    """Return `url` resolved against the document it stood in."""
    return urljoin(base, url)
