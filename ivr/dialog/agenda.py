"""Walks a playbook's steps: what is said, asked or done next.

Theory of operation. After every turn the steps are walked from the top. A step is taken when its
condition holds and it is not done yet. `say` goes on to the next step; `ask`, `stay`, `release`
and `transfer` end the walk. So the order in the file is the order of importance, and a new fact
is answered by the highest step that speaks of it, wherever the conversation stands.
"""

from typing import assert_never

from ivr.dialog.draft import Draft
from ivr.dialog.facts import playbook_of, view
from ivr.dialog.pace import (
    await_orders,
    release_if_limited,
    start_limits,
    stay,
    staying_step,
    tell_news,
)
from ivr.dialog.state import Pending, Phase
from ivr.incident.model import Disposition
from ivr.playbook import model as m


def walk(draft: Draft) -> None:
    """Take the steps that are due, until the floor is the caller's or the call has ended."""
    if not draft.listening:
        return
    if divert(draft):
        return
    draft.set(phase=Phase.PLAYBOOK)
    if draft.dialog.limit_passed and release_if_limited(draft):
        return
    tell_news(draft)
    book = playbook_of(draft.dialog, draft.edition)
    for step in book.steps:
        if _due(draft, book, step) and _take(draft, book, step):
            return
    draft.phrase("closing")
    draft.hang_up(Disposition.COMPLETED)


def _key(book: m.Playbook, step: m.Step) -> str:
    return f"{book.name}/{step.key}"


def _due(draft: Draft, book: m.Playbook, step: m.Step) -> bool:
    done = _key(book, step) in draft.dialog.done
    return not done and step.condition.holds(view(draft.dialog))


def mark_done(draft: Draft, key: str) -> None:
    draft.set(done=draft.dialog.done | {key})


def _take(draft: Draft, book: m.Playbook, step: m.Step) -> bool:
    """Perform one step; True where it gave the floor away."""
    key = _key(book, step)
    match step:
        case m.SayStep():
            mark_done(draft, key)
            draft.say_new(step.lines)
            return False
        case m.AskStep():
            return _ask(draft, key, step)
        case m.StayStep():
            stay(draft, step)
            return True
        case m.ReleaseStep():
            draft.say_last(step.lines)
            desk = step.desk and not any(not o.desk for o in draft.dialog.orders)
            draft.hang_up(Disposition.DESK_ENTRY if desk else Disposition.RELEASED)
            return True
        case m.TransferStep():
            mark_done(draft, key)
            draft.say_new(step.lines)
            draft.transfer(step.reason)
            return True
        case _:
            assert_never(step)


def enter(draft: Draft, name: str) -> None:
    """Follow a playbook from its first line, and open the incident right behind it (2.1.2)."""
    book = draft.edition.library.playbooks[name]
    also = tuple(a for a in draft.dialog.also if a != book.category)
    draft.set(
        playbook=name,
        phase=Phase.PLAYBOOK,
        pending=None,
        candidates=(),
        failed=0,
        classified_at=draft.dialog.classified_at or draft.at,
        category=book.category or draft.dialog.category,
        also=also if book.category else draft.dialog.also,
    )
    first = book.opening(view(draft.dialog))
    draft.say_new(first.say)
    start_limits(draft)
    await_orders(draft)
    draft.order()
    if first.ask is None or not _ask_first(draft, book, first.ask):
        walk(draft)


def _ask_first(draft: Draft, book: m.Playbook, question: str) -> bool:
    """A first line that is a question comes before every step."""
    steps = (s for s in book.steps if isinstance(s, m.AskStep) and s.question == question)
    step = next(steps, None)
    return step is not None and _ask(draft, _key(book, step), step)


def divert(draft: Draft) -> bool:
    """Follow a fact that leads into another playbook (taken back, self-harm, signs at home)."""
    facts = view(draft.dialog)
    for diversion in draft.edition.library.diversions:
        if diversion.playbook != draft.dialog.playbook and diversion.condition.holds(facts):
            draft.note("diverted by a fact")
            book = draft.edition.library.playbooks[diversion.playbook]
            known = draft.dialog.severity or book.severity
            draft.set(severity=known.worse(book.severity))
            enter(draft, diversion.playbook)
            return True
    return False


# ---- questions ---------------------------------------------------------------------------------


def answered(draft: Draft, question: m.Question) -> bool:
    """Whether nothing of it is left to ask (a filled slot is never asked again, 2.1.3)."""
    dialog = draft.dialog
    if question.kind == "place":
        return dialog.place.known or bool(dialog.facts.get("lift_no"))
    missing = [s for s in question.slots if not dialog.facts.get(s)]
    return not missing or (missing == ["phone"] and dialog.caller is not None)


def _ask(draft: Draft, key: str, step: m.AskStep) -> bool:
    question = draft.edition.library.question(step.question)
    if answered(draft, question):
        mark_done(draft, key)
        return False
    pending = draft.dialog.pending
    if pending and pending.step == key and pending.kind in ("question", "home"):
        failed, keys_offered, part = pending.failed, pending.keys_offered, pending.part
    else:
        failed, keys_offered, part = 0, False, 0
    if question.kind == "place" and _asks_home(draft, key, step):
        return True
    draft.say(step.line or question.id)
    draft.open_floor(
        Pending(
            "question",
            question.id,
            key,
            failed,
            part,
            keys_offered,
            once=step.once,
            patience_s=step.patience_s,
        )
    )
    await_answer(draft)
    return True


def _asks_home(draft: Draft, key: str, step: m.AskStep) -> bool:
    """The caller's number is registered: ask "are you at …?" instead of an open question."""
    home = draft.dialog.home
    if home is None or step.once or f"{key}?home" in draft.dialog.done:
        return False
    mark_done(draft, f"{key}?home")
    draft.phrase("home_before")
    draft.say_place(home)
    draft.phrase("home_after")
    draft.open_floor(Pending("home", step.question, key))
    draft.listen("yes_no", question=step.question)
    return True


def await_answer(draft: Draft) -> None:
    """Give the floor away for the pending question, by voice and by keys alike."""
    pending = draft.dialog.pending
    question = draft.question()
    if pending is None or question is None:
        return
    part = part_of(question, pending)
    draft.listen(
        "open" if question.kind == "choice" else question.kind,
        question=question.id,
        key_count=1 if part and part.keys else None,
        patience_s=pending.patience_s,
    )


def part_of(question: m.Question, pending: Pending) -> m.KeyPart | None:
    return question.parts[pending.part] if pending.part < len(question.parts) else None


def rearm(draft: Draft) -> None:
    """Give the floor back without a word, after a noise."""
    step = staying_step(draft) if draft.dialog.phase is Phase.STAYING else None
    if step is not None:
        stay(draft, step)
    elif draft.question() is not None:
        await_answer(draft)
    else:
        draft.listen("open")
