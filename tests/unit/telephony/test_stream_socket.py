"""The stream's door: signature, token, one stream per call, and nothing that comes breaks it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from ivr.call.line import Line
from ivr.call.switchboard import AnswerByStream, Ringing
from ivr.incident.model import CallId
from ivr.phone.signing import signed
from ivr.telephony.signature import PublicAddress, Secrets
from ivr.telephony.stream_socket import StreamSocket
from tests.fakes.switchboard import FakeSwitchboard
from tests.unit.telephony.test_media_codec import start
from tests.unit.telephony.test_twilio_line import Socket

pytestmark = pytest.mark.unit

TOKEN = "auth token"
CALL = CallId("CA1")
STOP = '{"event":"stop"}'


def scope(signature: str | None, *, denial: bool = True, path: str = "/voice/stream") -> Any:
    header = [] if signature is None else [(b"X-Twilio-Signature", signature.encode())]
    extensions: dict[str, Any] = {"websocket.http.response": {}} if denial else {}
    return {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": header,
        "extensions": extensions,
    }


RIGHT = signed(TOKEN, "wss://hotline.example.org/voice/stream")


def door(switchboard: Any) -> StreamSocket:
    address = PublicAddress("https://hotline.example.org")
    return StreamSocket(switchboard, address, Secrets((TOKEN,), {}), start_limit_s=0.05)


def ringing(switchboard: FakeSwitchboard) -> str:
    from datetime import UTC, datetime

    answer = switchboard.ring(Ringing(CALL, None, None, datetime.now(UTC)))
    assert isinstance(answer, AnswerByStream)
    return answer.token


def start_with(token: str) -> str:
    message = json.loads(start())
    message["start"]["customParameters"] = {"token": token}
    return json.dumps(message)


def visit(
    stream: StreamSocket, *texts: str | bytes, signature: str | None = RIGHT, **kind: Any
) -> list[Mapping[str, Any]]:
    socket = Socket(*texts)
    inbox = [{"type": "websocket.connect"}]

    async def receive() -> dict[str, Any]:
        return inbox.pop() if inbox else await socket.receive()

    asyncio.run(stream(scope(signature, **kind), receive, socket.send))
    return socket.sent


def types(sent: list[Mapping[str, Any]]) -> list[str]:
    return [message["type"].removeprefix("websocket.") for message in sent]


@pytest.mark.parametrize("signature", [None, "", "forged", signed("x", "wss://a.example/")])
def test_an_unsigned_upgrade_gets_403_before_the_socket_opens(signature: str | None) -> None:
    sent = visit(door(FakeSwitchboard()), signature=signature)
    assert sent[0]["status"] == 403
    assert "accept" not in types(sent)


def test_a_server_without_denial_responses_closes_instead() -> None:
    assert types(visit(door(FakeSwitchboard()), signature=None, denial=False)) == ["close"]


def test_the_right_token_carries_the_call() -> None:
    switchboard = FakeSwitchboard()
    token = ringing(switchboard)
    stream = door(switchboard)
    sent = visit(stream, '{"event":"connected"}', start_with(token), STOP)
    assert types(sent)[0] == "accept"
    assert types(sent)[-1] == "close"
    assert sent[-1]["code"] == 1000
    assert stream.live == set()


def test_a_token_works_once() -> None:
    switchboard = FakeSwitchboard()
    token = ringing(switchboard)
    stream = door(switchboard)
    visit(stream, start_with(token), STOP)
    again = visit(stream, start_with(token), STOP)
    assert (types(again), again[-1]["code"]) == (["accept", "close"], 1008)


@pytest.mark.parametrize("token", ["", "guess"])
def test_a_wrong_token_is_refused(token: str) -> None:
    switchboard = FakeSwitchboard()
    ringing(switchboard)
    sent = visit(door(switchboard), start_with(token))
    assert sent[-1]["code"] == 1008


def test_a_second_stream_of_a_live_call_is_refused() -> None:
    switchboard = FakeSwitchboard()
    stream = door(switchboard)
    stream.live.add(CALL)
    sent = visit(stream, start_with(ringing(switchboard)))
    assert "has a stream already" in sent[-1]["reason"]
    assert stream.live == {CALL}


def test_another_audio_format_is_refused_in_words() -> None:
    sent = visit(door(FakeSwitchboard()), start(encoding="audio/l16"))
    assert "audio/x-mulaw" in sent[-1]["reason"]


@pytest.mark.parametrize("texts", [(), ("{", b"\x00", "[]"), ("x" * 200_000,), (STOP,)])
def test_a_socket_that_never_starts_is_closed(texts: tuple[str, ...]) -> None:
    sent = visit(door(FakeSwitchboard()), *texts)
    assert types(sent) == ["accept", "close"]


def test_a_silent_socket_is_closed_in_time() -> None:
    async def work() -> list[Mapping[str, Any]]:
        socket = Socket(ends=None)
        inbox = [{"type": "websocket.connect"}]

        async def receive() -> dict[str, Any]:
            return inbox.pop() if inbox else await socket.receive()

        await door(FakeSwitchboard())(scope(RIGHT), receive, socket.send)
        return socket.sent

    assert types(asyncio.run(work())) == ["accept", "close"]


class Breaking(FakeSwitchboard):
    async def run_stream(self, call: CallId, line: Line) -> None:
        await line.play(b"\x7f" * 160)
        message = "the caller said: secret words"
        raise RuntimeError(message)


def test_a_call_that_breaks_closes_its_stream_and_keeps_words_out_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    switchboard = Breaking()
    stream = door(switchboard)
    sent = visit(stream, start_with(ringing(switchboard)))
    assert types(sent)[-1] == "close"
    assert stream.live == set()
    assert "RuntimeError" in caplog.text
    assert "secret words" not in caplog.text


def test_a_store_that_fails_refuses_the_stream_and_lets_the_call_go_on() -> None:
    class NoStore(FakeSwitchboard):
        def admit_stream(self, call: CallId, token: str) -> bool:
            raise ConnectionError

    switchboard = NoStore()
    stream = door(switchboard)
    sent = visit(stream, start_with(ringing(switchboard)))
    assert sent[-1]["code"] == 1008
    assert stream.live == set()
