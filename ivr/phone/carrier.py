"""A whole simulated call, as Twilio places it: ring, webhook, documents, stream, status callbacks.

call = await place_call("http://127.0.0.1:8080", token, Caller([Turn(text="…")]))
call.recording.save(Path("call.wav"))
"""

from dataclasses import dataclass, field
from uuid import uuid4

from ivr.phone import happenings as told
from ivr.phone.caller import Caller
from ivr.phone.duty_phone import ANSWERS, DutyPhone
from ivr.phone.leg import HungUp, Leg, TooLong
from ivr.phone.media_stream import Faults, StreamReport
from ivr.phone.recording import Recording
from ivr.phone.switching import CallFailed, DocumentSeen, Going, Switching, Trail
from ivr.phone.taking import Recognize
from ivr.phone.timing import Timing
from ivr.phone.wire import Wire

ACCOUNT = "AC" + "0" * 32


@dataclass(frozen=True, slots=True)
class Placed:
    """Everything about a call that is over."""

    call: str
    """The CallSid."""
    ended_by: str
    """`hotline`, `caller`, `limit` or `error`."""
    why: str
    """What went wrong, empty where nothing did."""
    length_s: float
    recording: Recording
    timing: Timing
    documents: list[DocumentSeen]
    streams: list[StreamReport]
    dials: list[str]
    """How each transfer ended: completed, declined, no-answer, busy."""
    messages: int
    """Messages left at the carrier."""
    events: list[told.Happening]

    @property
    def ok(self) -> bool:
        return self.ended_by != "error"


@dataclass(frozen=True, slots=True)
class Network:
    """How the simulated network behaves."""

    caller_number: str | None = "+8613800000001"
    """None: withheld."""
    called_number: str = "+8602300000000"
    duty: DutyPhone = ANSWERS
    faults: Faults = field(default_factory=Faults)
    fallback_url: str | None = None
    pace: float = 1.0
    """1: real time; 0: as fast as the hotline answers."""
    max_s: float = 600.0
    status_callbacks: tuple[str, ...] = ("ringing", "in-progress", "completed")
    """Posted in this order; `completed` after the end, the others at the beginning."""


async def place_call(
    base_url: str,
    auth_token: str,
    caller: Caller,
    network: Network | None = None,
    *,
    call: str | None = None,
    recognize: Recognize | None = None,
    on_event: told.OnEvent = told.unheard,
) -> Placed:
    """Place one call to the hotline at `base_url` (its PUBLIC_URL) and return when it is over.

    `recognize` gives the text of turns that have audio and no text, on the webhook path.
    """
    network = network or Network()
    events: list[told.Happening] = []

    def happened(happening: told.Happening) -> None:
        events.append(happening)
        on_event(happening)

    sid = call or "CA" + uuid4().hex
    leg = Leg(caller, happened, pace=network.pace, max_s=network.max_s)
    trail = Trail()
    async with Wire(auth_token) as wire:
        switching = Switching(
            leg,
            wire,
            _identity(sid, network),
            trail,
            faults=network.faults,
            duty=network.duty,
            recognize=recognize,
            fallback_url=network.fallback_url,
            pace=network.pace,
        )
        status_url = f"{base_url.rstrip('/')}/voice/status"
        await _early_statuses(wire, status_url, sid, network)
        ended_by, why = await _talk(switching, Going(f"{base_url.rstrip('/')}/voice/incoming"))
        happened(told.Ended(leg.now_s, ended_by))
        if "completed" in network.status_callbacks:
            await wire.post(status_url, {**_identity(sid, network), "CallStatus": "completed"})
    return Placed(
        sid,
        ended_by,
        why,
        leg.now_s,
        leg.recording,
        leg.timing,
        trail.documents,
        trail.streams,
        trail.dials,
        trail.messages,
        events,
    )


async def _early_statuses(wire: Wire, url: str, sid: str, network: Network) -> None:
    for status in network.status_callbacks:
        if status != "completed":
            await wire.post(url, {**_identity(sid, network), "CallStatus": status})


async def _talk(switching: Switching, first: Going) -> tuple[str, str]:
    """Return what ended the call and why."""
    try:
        await switching.run(first)
    except HungUp:
        return "caller", ""
    except TooLong:
        return "limit", "the call reached its longest time"
    except CallFailed as error:
        return "error", str(error)
    return "hotline", ""


def _identity(sid: str, network: Network) -> dict[str, str]:
    """Return the parameters of every voice webhook."""
    caller = network.caller_number or "anonymous"
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": sid,
        "Direction": "inbound",
        "From": caller,
        "Caller": caller,
        "To": network.called_number,
        "Called": network.called_number,
    }
