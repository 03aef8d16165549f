"""One live call over a `Line`: take an event, advance, perform. Nothing else touches the dialog.

line ----> reader --> inbox --> advance --> perform --> speaking --> line
ears ---------------/    ^                     |
timers, news -----------/                      +-----> clerk --> store
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from ivr.audio import mulaw
from ivr.audio.level import dbfs
from ivr.call import hearing
from ivr.call.clerk import Clerk
from ivr.call.line import AudioReceived, KeyReceived, Line, LineEnded, MarkReturned
from ivr.call.listening import Listening
from ivr.call.records import Records
from ivr.call.speaking import Speaking
from ivr.call.timers import Timers
from ivr.call.voice import Voice
from ivr.clock import Clock
from ivr.dialog import effects as fx
from ivr.dialog import events as ev
from ivr.dialog.edition import Edition
from ivr.dialog.engine import advance, new_dialog
from ivr.dialog.state import Dialog, Phase
from ivr.incident.model import CallId, HeardBy
from ivr.speech.recognizer import Recognizer
from ivr.speech.voice_activity import VoiceDetector

log = logging.getLogger(__name__)

LAST_WORDS_S = 3.0
"""How much longer than reckoned the carrier may need to play the end of a call."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a session works with; shared by all calls of the process, except the detector."""

    clock: Clock
    voice: Voice
    recognizer: Recognizer
    detector: Callable[[], VoiceDetector]


class CallSession:
    """Runs one call until its line ends or is given back."""

    def __init__(
        self, line: Line, edition: Edition, records: Records, tools: Tools, call: CallId
    ) -> None:
        self._line = line
        self._edition = edition
        self._records = records
        self._tools = tools
        self._loop = asyncio.get_running_loop()
        self._inbox: asyncio.Queue[ev.Event | None] = asyncio.Queue()
        self.dialog: Dialog = new_dialog(call, tools.clock.now())
        self._speaking = Speaking(line, tools.clock.now)
        self._timers = Timers(tools.clock, self._timer_fired)
        self._clerk = Clerk(self._part_failed)
        self._ears = Listening(tools.recognizer, tools.detector(), self._heard_by_ears)
        self._leaving = False
        self._stopped_clean: bool | None = None

    # ---- in ------------------------------------------------------------------------------

    def post(self, event: ev.Event) -> None:
        """Put an event into the inbox; from the event loop only."""
        self._inbox.put_nowait(event)

    def post_soon(self, event: ev.Event) -> None:
        """Put an event into the inbox, from any thread."""
        self._loop.call_soon_threadsafe(self._inbox.put_nowait, event)

    async def run(self, first: ev.Event, resumed: Dialog | None = None) -> None:
        """Answer the call with `first`; `resumed` is the dialog of a call that goes on."""
        if resumed is not None:
            self.dialog = resumed
        self._ears.start()
        reader = asyncio.create_task(self._read(), name="line reader")
        self.post(first)
        try:
            while (event := await self._inbox.get()) is not None:
                await self._take(event)
        finally:
            reader.cancel()
            await self._close()

    async def _read(self) -> None:
        try:
            async for received in self._line.inputs():
                self._receive(received)
        except Exception as error:  # noqa: BLE001 - boundary: the call goes on behind the stream
            log.error("reading the line failed: %s", type(error).__name__)  # noqa: TRY400
            self._ended(clean=False)

    def _receive(self, received: AudioReceived | KeyReceived | MarkReturned | LineEnded) -> None:
        match received:
            case AudioReceived(frame=frame, timestamp_ms=at):
                self._ears.hear(frame, at / 1000)
            case KeyReceived(digit=digit):
                self.post(ev.KeyPressed(self._now(), digit))
            case MarkReturned(name=name):
                self._mark_returned(name)
            case LineEnded(clean=clean):
                self._ended(clean=clean)
            case _:
                assert_never(received)

    def _mark_returned(self, name: str) -> None:
        done = self._speaking.returned(name)
        if done is None:
            return
        self.post(ev.PromptFinished(self._now(), done.line, done.heard))
        if self._speaking.idle:
            self._ears.speaking(None)
            self._timers.speech_ended()
            if self._leaving:
                self._loop.create_task(self._line.close())

    def _ended(self, *, clean: bool) -> None:
        """The line is over; a broken one may go on behind the stream (TwiML `<Redirect>`)."""
        if self._stopped_clean is not None:
            return
        self._stopped_clean = clean
        for lost in self._speaking.abandoned():
            self.post(ev.PromptFinished(self._now(), lost.line, lost.heard))
        released = self.dialog.phase is Phase.ENDED
        if released or (clean and not self._leaving):
            self.post(ev.CallerHungUp(self._now()))
        self._inbox.put_nowait(None)

    def _heard_by_ears(self, heard: hearing.ListeningEvent) -> None:
        """Called by the ears' worker thread."""
        now = self._now()
        match heard:
            case hearing.SpeechStarted():
                self.post_soon(ev.SpeechStarted(now))
            case hearing.PartialHeard(text=text):
                self.post_soon(ev.UtteranceHeard(now, text, final=False))
            case hearing.UtteranceHeard(heard=words):
                self.post_soon(
                    ev.UtteranceHeard(
                        now, words.text, words.alternatives, words.confidence, words.lang
                    )
                )
            case hearing.SpeechDiscarded():
                self.post_soon(ev.UtteranceHeard(now, ""))
            case hearing.RecognitionFailed(deaf=deaf):
                lost = ev.PartFailed(now, "ears") if deaf else ev.UtteranceHeard(now, "")
                self.post_soon(lost)
            case hearing.Behind(dropped=dropped):
                log.warning("ears are behind: %d frames dropped", dropped)
            case _:
                assert_never(heard)

    def _timer_fired(self, timer: str) -> None:
        self.post(ev.TimerFired(self._now(), timer))

    def _part_failed(self, part: str) -> None:
        self.post(ev.PartFailed(self._now(), part))

    def _now(self) -> datetime:
        return self._tools.clock.now()

    # ---- out -----------------------------------------------------------------------------

    async def _take(self, event: ev.Event) -> None:
        lang = self.dialog.lang
        step = advance(self.dialog, event, self._edition)
        self.dialog = step.dialog
        for effect in step.effects:
            await self._perform(effect)
        if step.dialog.lang != lang or step.dialog.lang_fixed:
            self._ears.use(step.dialog.lang)
        self._clerk.write(self._records.journal(event, step.effects))

    async def _perform(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Say() | fx.SayPlace():
                await self._say(effect)
            case fx.StopSpeaking():
                await self._speaking.stop()
            case fx.Listen(expecting=expecting):
                self._ears.expect(expecting)
            case fx.StartTimer():
                self._timers.start(effect, speaking=not self._speaking.idle)
            case fx.CancelTimer(timer=timer):
                self._timers.cancel(timer)
            case fx.OpenIncident() | fx.AmendIncident():
                self._clerk.write(self._records.incident(effect, self._now()), vital=True)
            case fx.Transfer() | fx.HangUp():
                self._leave()
            case fx.TakeMessage():
                self._ears.expect("open")
            case fx.Note(text=text):
                log.info("engine: %s", text)
            case _:
                assert_never(effect)

    async def _say(self, say: fx.Say | fx.SayPlace) -> None:
        voice = self._tools.voice
        name = say.line if isinstance(say, fx.Say) else "place"
        try:
            if isinstance(say, fx.Say):
                audio = await asyncio.to_thread(voice.line, say.line, say.lang, slow=say.slow)
            else:
                audio = await asyncio.to_thread(voice.place, say.place, say.lang, slow=say.slow)
        except Exception as error:  # noqa: BLE001 - boundary: a mute hotline ends at a person
            log.error("%s not spoken: %s", name, type(error).__name__)  # noqa: TRY400
            self.post(ev.PromptFinished(self._now(), name, HeardBy.NONE))
            if not (self._leaving or self.dialog.phase is Phase.TRANSFERRING):
                self._part_failed("voice")
            return
        self._ears.speaking(dbfs(mulaw.decode(audio)))
        await self._speaking.say(name, audio)

    def _leave(self) -> None:
        """End the stream once all is said; the document behind it hangs up or dials."""
        self._leaving = True
        if self._speaking.idle:
            self._loop.create_task(self._line.close())
        else:
            wait = self._speaking.left_s + LAST_WORDS_S
            self._tools.clock.later(wait, self._close_overdue)

    def _close_overdue(self) -> None:
        self._loop.create_task(self._line.close())

    async def _close(self) -> None:
        self._timers.cancel_all()
        await asyncio.to_thread(self._ears.close)
        ended = self.dialog.phase is Phase.ENDED
        if ended and self.dialog.disposition is not None:
            self._clerk.write(self._records.end(self.dialog.disposition, self._now()))
        await self._clerk.close()
