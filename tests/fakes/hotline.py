"""A hotline of the telephony room alone, on a free port: uvicorn, Flask by a2wsgi, the stream."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask

from ivr.telephony.documents import Documents
from ivr.telephony.prompts import Prompts, Speaker
from ivr.telephony.signature import PublicAddress, Secrets
from ivr.telephony.stream_socket import StreamSocket
from ivr.telephony.tokens import PhraseSeal
from ivr.telephony.twiml import SpeechStyle
from ivr.telephony.webhooks import Webhooks, voice_blueprint
from tests.fakes.prompts import TonePrompts
from tests.fakes.switchboard import FakeSwitchboard

TOKEN = "a token that only the carrier and we know"
DESK = "+8613900000009"


def hooks_for(
    switchboard: Any,
    base: str = "https://hotline.example.org",
    prompts: Prompts | None = None,
    desk: str | None = DESK,
    secrets: Secrets | None = None,
) -> Webhooks:
    """Return webhooks as a factory would wire them."""
    address = PublicAddress(base)
    style = SpeechStyle()
    speaker = Speaker(prompts or TonePrompts(), address, PhraseSeal("a secret"), style)
    return Webhooks(
        switchboard=switchboard,
        documents=Documents(speaker, address, desk_number=desk),
        speaker=speaker,
        address=address,
        secrets=secrets or Secrets((TOKEN,), {}),
        now=lambda: datetime.now(UTC),
    )


def app_for(hooks: Webhooks) -> Flask:
    app = Flask("hotline_of_tests")
    app.register_blueprint(voice_blueprint(hooks))
    return app


@dataclass
class Hotline:
    url: str
    switchboard: FakeSwitchboard
    hooks: Webhooks
    stream: StreamSocket


@asynccontextmanager
async def hotline(
    switchboard: FakeSwitchboard, prompts: Prompts | None = None, **stream_limits: float
) -> AsyncIterator[Hotline]:
    """Serve `switchboard` on a free port of this machine."""
    # The protocol must be named: asyncio sets TCP_NODELAY only then, and without it every answer
    # waits 40 ms for an acknowledgement.
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    hooks = hooks_for(switchboard, url, prompts)
    stream = StreamSocket(switchboard, hooks.address, hooks.secrets, **stream_limits)
    web = WSGIMiddleware(app_for(hooks), workers=4)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await stream(scope, receive, send)
        elif scope["type"] == "http":
            await web(scope, receive, send)

    config = uvicorn.Config(app, log_level="warning", lifespan="off", ws_per_message_deflate=False)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[door]))
    try:
        while not server.started:
            await asyncio.sleep(0.005)
        yield Hotline(url, switchboard, hooks, stream)
    finally:
        server.should_exit = True
        await running
