"""`WS /voice/stream`: the media stream's socket as a plain ASGI application (uvicorn).

Order of trust: the upgrade's signature, then the one-time token of `start` bound to the call id,
then one stream per call. Whatever goes wrong closes the socket, and the carrier goes on with the
`<Redirect>` behind the stream, which ends at a person.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from ivr.call.switchboard import Switchboard
from ivr.incident.model import CallId
from ivr.telephony import media_codec as codec
from ivr.telephony.mishap import described
from ivr.telephony.signature import PublicAddress, Secrets, SignedRequest, signed_upgrade
from ivr.telephony.twilio_line import SILENCE_LIMIT_S, Receive, Send, TwilioLine

log = logging.getLogger(__name__)

PATH: Final = "/voice/stream"
START_LIMIT_S: Final = 5.0
"""From the upgrade to `start`; Twilio sends it at once."""
START_MESSAGES: Final = 20
"""Messages looked at for a `start`."""

# RFC 6455 close codes.
_UNSUPPORTED: Final = 1003
_POLICY: Final = 1008


class StreamSocket:
    """The ASGI application; one instance serves all streams of the process."""

    def __init__(
        self,
        switchboard: Switchboard,
        address: PublicAddress,
        secrets: Secrets,
        *,
        start_limit_s: float = START_LIMIT_S,
        silence_limit_s: float = SILENCE_LIMIT_S,
    ) -> None:
        self._switchboard = switchboard
        self._address = address
        self._secrets = secrets
        self._start_limit_s = start_limit_s
        self._silence_limit_s = silence_limit_s
        self.live: set[CallId] = set()
        """Calls with an open stream in this process."""

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        if not signed_upgrade(signed_request(scope), self._address, self._secrets):
            log.warning("stream upgrade refused: not signed by the carrier")
            await _forbid(scope, send)
            return
        await send({"type": "websocket.accept"})
        started = await self._started(receive)
        if isinstance(started, str):
            await _close(send, _UNSUPPORTED, started)
            return
        call = CallId(started.call)
        why = codec.refusal(started) or await self._not_admitted(call, started)
        if why:
            await _close(send, _POLICY, why)
            return
        await self._carry(call, TwilioLine(started, receive, send, self._silence_limit_s))

    async def _started(self, receive: Receive) -> codec.StreamStarted | str:
        """Return the stream's `start`, or why there is none."""
        try:
            async with asyncio.timeout(self._start_limit_s):
                for _ in range(START_MESSAGES):
                    message = await receive()
                    if message["type"] != "websocket.receive":
                        return "closed before start"
                    found = codec.decode(message.get("text") or message.get("bytes") or b"")
                    if isinstance(found, codec.StreamStarted):
                        return found
        except TimeoutError:
            return "no start in time"
        return "no start among the first messages"

    async def _not_admitted(self, call: CallId, started: codec.StreamStarted) -> str | None:
        if call in self.live:
            return "this call has a stream already"
        self.live.add(call)  # before the first await: two sockets cannot both pass
        token = started.parameters.get("token", "")
        try:
            if await asyncio.to_thread(self._switchboard.admit_stream, call, token):
                return None
        except Exception as error:  # noqa: BLE001 - boundary: ends at the <Redirect> behind
            log.error("no answer whether the stream may be carried: %s", described(error))  # noqa: TRY400
        self.live.discard(call)
        return "its token is unknown, used or another call's"

    async def _carry(self, call: CallId, line: TwilioLine) -> None:
        try:
            await self._switchboard.run_stream(call, line)
        except Exception as error:  # noqa: BLE001 - boundary of the call's task: <Redirect> goes on
            log.error("the call broke inside its stream: %s", described(error))  # noqa: TRY400
        finally:
            self.live.discard(call)
            await line.close()


def signed_request(scope: Mapping[str, Any]) -> SignedRequest:
    """Return what the upgrade's signature covers. Header names arrive in lower case in ASGI."""
    raw = scope.get("raw_path") or scope["path"].encode()
    return SignedRequest(
        path=raw.split(b"?")[0].decode("latin-1"),
        query=scope.get("query_string", b"").decode("latin-1"),
        headers={
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        },
    )


async def _forbid(scope: Mapping[str, Any], send: Send) -> None:
    """Answer 403 before the socket is open (seen by the carrier as 31920)."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": _POLICY})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": 403, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"not signed by the carrier\n"})


async def _close(send: Send, code: int, why: str) -> None:
    log.warning("stream refused: %s", why)
    try:
        await send({"type": "websocket.close", "code": code, "reason": why[:120]})
    except (OSError, RuntimeError):
        log.info("the stream was gone before it was refused")
