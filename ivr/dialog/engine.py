"""`advance`: one event in, the next dialog and its effects out.

Theory of operation. A call is a fold of `advance` over its journal: the same events give the same
dialog and the same effects, on the live stream, over webhooks and in `ivr replay`. Nothing here
waits: silence is a timer event, speech is an utterance event, and what must happen is an effect.
Whatever goes wrong ends at a person (`Transfer`), and no call ends without an order for staff
unless nothing at all was said (design.md section 1).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from ivr.dialog import events as e
from ivr.dialog.agenda import enter, mark_done, rearm, walk
from ivr.dialog.briefing import with_orders
from ivr.dialog.draft import ALERT_BY, ANSWER, COMPANY, KEYS, LIMIT, ORDERS, SILENCE, Draft
from ivr.dialog.edition import Edition
from ivr.dialog.effects import CancelTimer, Effect, HangUp, Listen, StartTimer
from ivr.dialog.hearing import hear
from ivr.dialog.keys import press, take
from ivr.dialog.pace import (
    await_orders,
    keep_company,
    release_if_limited,
    restart_clocks,
    stay,
    staying_step,
)
from ivr.dialog.repair import failed_turn, take_message
from ivr.dialog.state import Dialog, Pending, Phase
from ivr.incident.model import CallId, Disposition, HeardBy, Severity


@dataclass(frozen=True, slots=True)
class Step:
    """What one event led to."""

    dialog: Dialog
    effects: tuple[Effect, ...]


def new_dialog(call: CallId, at: datetime) -> Dialog:
    """A call nobody has answered yet."""
    return Dialog(call=call, started_at=at)


def advance(  # noqa: C901, PLR0912 - one case for each event
    dialog: Dialog, event: e.Event, edition: Edition
) -> Step:
    """Return the dialog after `event`, and what the shell must do, in order.

    Pure: `event.at` is the only time. Never raises for anything a caller or carrier may do.
    """
    draft = Draft(dialog, edition, event.at)
    match event:
        case e.CallStarted():
            if not dialog.told:  # a ring that is told twice is one call
                _start(draft, event)
        case e.UtteranceHeard():
            hear(draft, event)
        case e.KeyPressed():
            press(draft, event.digit)
        case e.SpeechStarted():
            _speech_started(draft)
        case e.PromptFinished():
            _finished(draft, event)
        case e.TimerFired():
            _timer(draft, event.timer)
        case e.AlertAccepted():
            draft.set(accepted=True)
            _news(draft, "accepted")
        case e.IncidentAcknowledged():
            draft.set(acknowledged=True)
            _news(draft, "acknowledged")
        case e.TransferEnded():
            _transfer_ended(draft, answered=event.answered)
        case e.LineResumed():
            _resumed(draft)
        case e.PartFailed():
            _part_failed(draft, event.part)
        case e.CallerHungUp():
            _hung_up(draft, dropped=event.dropped)
        case _:
            assert_never(event)
    _settle(draft, event)
    return Step(draft.dialog, tuple(draft.effects))


def _settle(draft: Draft, event: e.Event) -> None:
    played = isinstance(event, e.PromptFinished)
    if played and not draft.over:
        return
    draft.settle(ending=not draft.listening and not played)
    silence = any(isinstance(x, StartTimer) and x.timer == SILENCE for x in draft.effects)
    if not silence and any(isinstance(x, Listen) for x in draft.effects):
        draft.do(CancelTimer(SILENCE))


# ---- beginning and end ---------------------------------------------------------------------------


def _start(draft: Draft, event: e.CallStarted) -> None:
    draft.dialog = Dialog(
        call=event.call,
        started_at=event.at,
        lang=event.lang,
        caller=event.caller,
        home=event.home,
        intercom=event.intercom is not None,
        running=event.running,
        recorded=event.recorded,
        test=event.test,
    )
    if event.test:
        draft.phrase("test")
        draft.hang_up(Disposition.COMPLETED)
        return
    if event.intercom is not None:
        place = event.intercom
        named = {"building": place.building, "unit": place.unit, "landmark": place.landmark}
        draft.learn({slot: value for slot, value in named.items() if value})
    draft.phrase("greeting")
    draft.phrase("english_hint", lang="en")
    draft.do(Listen("open"))
    draft.do(StartTimer(ALERT_BY, draft.timing("alert_by_s")))
    _start_silence(draft, 0)


def _start_silence(draft: Draft, rung: int) -> None:
    draft.set(silence_rung=rung)
    ladder = draft.edition.library.silence
    draft.do(StartTimer(SILENCE, ladder[rung].after_s, after_speech=True))


def _hung_up(draft: Draft, *, dropped: bool) -> None:
    """The line is gone: close the books; words or keys without an alert still reach a person."""
    dialog = draft.dialog
    for timer in (ANSWER, COMPANY, KEYS, LIMIT, SILENCE, ALERT_BY, ORDERS):
        draft.do(CancelTimer(timer))
    if dialog.phase is Phase.ENDED:
        return
    heard = bool(dialog.turns or dialog.keys or dialog.failed or dialog.acted_on_partial)
    if dialog.playbook is None and heard:
        draft.set(playbook=draft.edition.library.fallback, classified_at=draft.at)
        draft.learn({"unclear": "yes"})
    ended = Disposition.DROPPED if dropped else Disposition.CALLER_HUNG_UP
    if dialog.playbook is None and not heard:
        ended = Disposition.DESK_ENTRY
    draft.set(phase=Phase.ENDED, disposition=ended, pending=None)
    draft.do(HangUp(ended))


def _transfer_ended(draft: Draft, *, answered: bool) -> None:
    """A person had the call, or nobody came and the hotline goes on (safety 2.1.8)."""
    if draft.dialog.phase is not Phase.TRANSFERRING:
        return
    if answered:
        draft.hang_up(Disposition.HANDED_OVER)
        return
    draft.set(phase=Phase.PLAYBOOK, speaking=())
    over = _would_end(draft)
    if over and draft.dialog.severity is Severity.CRITICAL:
        walk(draft)
    elif (over or draft.dialog.facts.get("unclear")) and "message" not in draft.dialog.done:
        mark_done(draft, "message")
        take_message(draft)
    else:
        draft.phrase("nobody")
        walk(draft)


def _would_end(draft: Draft) -> bool:
    """Whether nothing is left to say or ask: "I keep you company" would be untrue."""
    trial = Draft(draft.dialog, draft.edition, draft.at)
    walk(trial)
    return trial.dialog.phase is Phase.ENDED


def _resumed(draft: Draft) -> None:
    """Say again what the caller may have missed, and give the floor back.

    A call that was given up for dropped, because a process died, is taken up again.
    """
    if draft.over and draft.dialog.disposition is Disposition.DROPPED:
        phase = Phase.PLAYBOOK if draft.dialog.playbook else Phase.INTAKE
        draft.set(phase=phase, disposition=None)
    if not draft.listening:
        return
    draft.set(speaking=(), keys="")
    draft.again()
    restart_clocks(draft)
    rearm(draft)


def _part_failed(draft: Draft, part: str) -> None:
    """Our trouble is never the caller's: a person takes over."""
    draft.note(f"part failed: {part}")
    if not draft.listening:
        return
    if draft.dialog.playbook is None:
        draft.set(playbook=draft.edition.library.fallback, classified_at=draft.at)
        draft.learn({"unclear": "yes"})
    draft.phrase("failure")
    draft.transfer(f"{part} failed")


# ---- speaking ------------------------------------------------------------------------------------


def _speech_started(draft: Draft) -> None:
    """The caller speaks: stop measuring silence, and stop talking where that is allowed."""
    draft.hush_timers()
    draft.interrupt()


def _finished(draft: Draft, event: e.PromptFinished) -> None:
    dialog = draft.dialog
    speaking = list(dialog.speaking)
    match = next((i for i, (line, _) in enumerate(speaking) if line == event.line), None)
    if match is not None:
        del speaking[match]
    told = list(dialog.told)
    for index, one in enumerate(told):
        if one.line == event.line and one.heard is HeardBy.NONE and event.heard != one.heard:
            told[index] = replace(one, heard=event.heard)
            break
    draft.set(speaking=tuple(speaking), told=tuple(told), spoke_at=event.at)


def _news(draft: Draft, role: str) -> None:
    """G-06 or G-07 is true now: said at once in company, else at the next pause."""
    if not draft.listening or role in draft.dialog.news:
        return
    if draft.edition.library.phrases[role][0] in draft.dialog.spoken:
        return
    draft.set(news=(*draft.dialog.news, role))
    if draft.dialog.phase is Phase.STAYING and not draft.quiet:
        draft.set(news=())
        draft.phrase(role)
        rearm(draft)


# ---- time ----------------------------------------------------------------------------------------


def _timer(draft: Draft, timer: str) -> None:
    if not draft.listening and timer not in (LIMIT, ALERT_BY, ORDERS):
        return
    match timer:
        case "answer":
            failed_turn(draft)
        case "company":
            _company(draft)
        case "keys":
            take(draft)
        case "limit":
            _limit(draft)
        case "silence":
            _silence(draft)
        case "alert_by":
            _alert_by(draft)
        case "orders":
            await_orders(draft)
        case _:
            draft.note(f"unknown timer {timer}")


def _company(draft: Draft) -> None:
    if draft.dialog.phase is Phase.INTAKE:
        return
    step = staying_step(draft)
    if step is None or draft.dialog.phase is not Phase.STAYING:
        walk(draft)
        return
    keep_company(draft, step)
    stay(draft, step)


def _limit(draft: Draft) -> None:
    draft.set(limit_passed=True)
    if draft.listening:
        release_if_limited(draft)


def _silence(draft: Draft) -> None:
    """Nobody has said a word since the greeting (safety 2.15)."""
    if draft.dialog.phase is not Phase.INTAKE:
        return
    library = draft.edition.library
    rung = library.silence[draft.dialog.silence_rung]
    match rung.act:
        case "say":
            draft.say(*rung.lines)
            question = next(iter(library.playbooks[library.silent].questions))
            draft.open_floor(Pending("question", question, step=f"{library.silent}/ask"))
            draft.do(Listen("open", question, key_count=1))
            _start_silence(draft, draft.dialog.silence_rung + 1)
        case "person":
            enter(draft, library.silent)
        case "end":
            draft.hang_up(Disposition.DESK_ENTRY)
        case _:
            assert_never(rung.act)


def _alert_by(draft: Draft) -> None:
    """60 s after it began every call has an alert, whatever was understood (design section 1)."""
    if draft.dialog.orders or draft.dialog.phase is Phase.ENDED:
        return
    if draft.dialog.playbook is None:
        draft.set(playbook=draft.edition.library.fallback, classified_at=draft.at)
    draft.learn({"unclear": "yes"})
    draft.dialog = with_orders(draft.dialog, draft.edition, draft.at, ending=True)
    draft.note("alerted because a minute has passed")
