"""One process answers: Flask behind a2wsgi, and the media socket on the same port."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware

from ivr.factory import Hotline

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

WEBHOOK_THREADS = 16
STREAM_PATH = "/voice/stream"


class PortInUse(Exception):
    """Another program listens there already."""


class Server:
    """The ASGI application and its uvicorn server."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline
        self._pages = WSGIMiddleware(hotline.flask, workers=WEBHOOK_THREADS)  # type: ignore[arg-type]
        self._news: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._pages(scope, receive, _one_request(send))  # type: ignore[arg-type]
            case "websocket":
                await self._socket(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].rstrip("/") == STREAM_PATH:
            await self._hotline.stream(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": 1008})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._news = asyncio.create_task(self._hotline.news.watch(), name="news")
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._news is not None:
                    self._news.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await self._news
                await send({"type": "lifespan.shutdown.complete"})
                return

    def uvicorn(self) -> uvicorn.Server:
        """A server that is not started yet; call `serve()` or `run()`."""
        settings = self._hotline.records.settings
        config = uvicorn.Config(
            self,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=1 << 20,
            timeout_graceful_shutdown=5,
            lifespan="on",
        )
        return uvicorn.Server(config)


def _one_request(send: Send) -> Send:
    """Answer one request per connection.

    uvicorn starts its keep-alive clock when a response is complete; a client that upgrades the
    same connection to the media stream just before that loses its stream 5 s later.
    """

    async def closing(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), (b"connection", b"close")]
            message = {**message, "headers": headers}
        await send(message)

    return closing


def free_port(host: str) -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def refuse_busy_port(host: str, port: int) -> None:
    """Raise `PortInUse` with what to do, before anything is loaded."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = (
                f"port {port} on {host} is in use ({error.strerror}); stop the other program "
                f"or choose another port: IVR_PORT={port + 1} ./run serve"
            )
            raise PortInUse(message) from error
