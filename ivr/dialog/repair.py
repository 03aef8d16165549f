"""When a turn was not understood: say it again, then keys, then a person."""

from ivr.dialog.agenda import await_answer, enter, mark_done, part_of, walk
from ivr.dialog.draft import Draft
from ivr.dialog.effects import CancelTimer
from ivr.dialog.pace import must_leave
from ivr.dialog.state import Pending, Phase
from ivr.playbook.model import Question


def failed_turn(draft: Draft) -> None:
    """One more turn of silence or of words nobody understood."""
    pending = draft.dialog.pending
    question = draft.question()
    if pending is None:
        _failed_at_intake(draft)
    elif pending.kind == "home":
        _drop_home(draft)
    elif pending.kind == "message":
        close_message(draft)
    elif question is not None:
        _failed_question(draft, pending, question)
    else:
        _failed_confirmation(draft, pending)


def _failed_at_intake(draft: Draft) -> None:
    failed = draft.dialog.failed + 1
    draft.set(failed=failed)
    if failed == 1:
        draft.phrase("reprompt_first")
        draft.listen("open")
    elif failed == 2:
        offer_menu(draft)
    else:
        to_person(draft, "not understood", unclear=True)


def offer_menu(draft: Draft) -> None:
    draft.phrase("menu")
    draft.listen("open", key_count=1)


def _drop_home(draft: Draft) -> None:
    """No answer to "are you at …?": ask the open question instead."""
    draft.open_floor(None)
    walk(draft)


def _failed_question(draft: Draft, pending: Pending, question: Question) -> None:
    if pending.once:
        give_up(draft, pending)
        return
    failed = pending.failed + (1 if question.essential or pending.failed else 2)
    draft.ask_pending(failed=failed)
    if failed == 1:
        draft.phrase("reprompt_place" if question.kind == "place" else "reprompt")
        await_answer(draft)
    elif failed == 2 and question.parts and not pending.keys_offered:
        offer_keys(draft)
    elif question.essential and draft.dialog.phase is not Phase.STAYING and not must_leave(draft):
        _essential_failed(draft, pending)
    else:
        give_up(draft, pending)


def _essential_failed(draft: Draft, pending: Pending) -> None:
    """Neither by voice nor by keys: a person asks. If none answers, the rest is asked anyway."""
    mark_done(draft, pending.step)
    to_person(draft, "place not understood")


def offer_keys(draft: Draft) -> None:
    """Explain the keys of the part that is being asked."""
    pending, question = draft.dialog.pending, draft.question()
    if pending is None or question is None:
        return
    draft.ask_pending(keys_offered=True)
    part = part_of(question, pending)
    if part is not None:
        draft.say(part.line)
    await_answer(draft)


def give_up(draft: Draft, pending: Pending) -> None:
    """Leave it unknown; the card shows it so, and the next question is asked."""
    mark_done(draft, pending.step)
    unanswered = draft.edition.library.question(pending.question).unanswered
    facts = draft.dialog.facts
    draft.learn({fact: value for fact, value in unanswered.items() if not facts.get(fact)})
    draft.open_floor(None)
    walk(draft)


def _failed_confirmation(draft: Draft, pending: Pending) -> None:
    """No clear yes or no: keys first; then a suspected danger counts as one, the rest goes on."""
    if pending.failed == 0:
        draft.ask_pending(failed=1)
        draft.phrase("yes_no_keys")
        draft.listen("yes_no", key_count=1)
        return
    draft.open_floor(None)
    if draft.dialog.playbook is not None:
        enter(draft, draft.dialog.playbook)
    else:
        to_person(draft, "not understood", unclear=True)


def to_person(draft: Draft, reason: str, *, unclear: bool = False) -> None:
    """Hand the call to a person, with an incident open whatever was understood (2.1.8)."""
    if draft.dialog.playbook is None:
        draft.set(playbook=draft.edition.library.fallback, classified_at=draft.at)
        unclear = True
    if unclear:
        draft.learn({"unclear": "yes"})
    draft.phrase("person")
    draft.do(CancelTimer("limit"))
    draft.transfer(reason)


def take_message(draft: Draft) -> None:
    """Nobody answered and nothing was understood: the caller's words are kept for the desk."""
    draft.phrase("message")
    draft.open_floor(Pending("message"))
    draft.set(phase=Phase.PLAYBOOK)
    draft.listen("open", patience_s=draft.timing("patience_s"))


def close_message(draft: Draft) -> None:
    draft.open_floor(None)
    draft.phrase("message_noted")
    walk(draft)
