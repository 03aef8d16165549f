"""What has happened: the kind of emergency is known, or is asked back about."""

from ivr.dialog.agenda import enter
from ivr.dialog.draft import Draft
from ivr.dialog.repair import failed_turn
from ivr.dialog.state import Pending
from ivr.incident.model import Severity
from ivr.nlu.understanding import Answer, Understanding


def classify(draft: Draft, category: str, understood: Understanding | None = None) -> None:
    """The kind is known: speak its first line, open the incident, go on."""
    library = draft.edition.library
    if understood is not None and understood.category == category:
        level = draft.dialog.severity
        keep = level if level and draft.dialog.opened_at else understood.severity
        draft.set(severity=keep.worse(understood.severity), subtype=understood.subtype)
    draft.set(category=category)
    enter(draft, library.of_category(category).name)


def confirm_next(draft: Draft) -> None:
    """Ask back about what is only suspected; the graver doubt already alerts (safety 2.1.9)."""
    library = draft.edition.library
    for index, category in enumerate(draft.dialog.candidates):
        book = library.of_category(category) if library.has_category(category) else None
        if book is None or book.confirm is None:
            continue
        draft.set(candidates=draft.dialog.candidates[index + 1 :])
        if draft.dialog.severity is Severity.CRITICAL and draft.dialog.opened_at is None:
            draft.learn({"suspected": "yes"})
            draft.set(playbook=book.name, category=category, classified_at=draft.at)
        draft.say(book.confirm)
        draft.open_floor(Pending("confirm", question=category))
        draft.listen("yes_no", key_count=1)
        return
    draft.set(candidates=(), pending=None)
    failed_turn(draft)


def take_confirmation(
    draft: Draft, read: Answer | None, understood: Understanding, *, news: bool
) -> None:
    pending = draft.dialog.pending
    if pending is None:
        return
    if read is not None and read.yes:
        confirmed(draft, pending.question)
    elif understood.next == "act" and understood.category != draft.dialog.category:
        _unsuspect(draft)
        classify(draft, understood.category, understood)
    elif understood.next == "act":
        confirmed(draft, understood.category)
    elif read is not None and read.yes is False:
        denied(draft)
    elif news and draft.dialog.playbook is not None:
        # the doubt is about a life and was not denied: one question was enough (safety 2.3)
        confirmed(draft, pending.question)
    else:
        failed_turn(draft)


def confirmed(draft: Draft, category: str) -> None:
    _unsuspect(draft)
    draft.open_floor(None)
    classify(draft, category)


def denied(draft: Draft) -> None:
    """Not that. An alert that went out stays (safety 2.1.9); the question goes on."""
    _unsuspect(draft)
    draft.set(playbook=None, category=None, pending=None)
    confirm_next(draft)


def _unsuspect(draft: Draft) -> None:
    draft.set(facts={k: v for k, v in draft.dialog.facts.items() if k != "suspected"})
