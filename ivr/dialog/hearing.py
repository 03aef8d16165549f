"""One caller turn: understand it, take what it answers, and go on from there."""

from collections.abc import Mapping
from dataclasses import replace

from ivr.dialog.agenda import answered, divert, mark_done, rearm, walk
from ivr.dialog.classification import classify, confirm_next, take_confirmation
from ivr.dialog.commands import obey
from ivr.dialog.draft import Draft
from ivr.dialog.effects import SayPlace, StopSpeaking
from ivr.dialog.events import UtteranceHeard
from ivr.dialog.facts import PLACE_SLOTS, hurried, playbook_of
from ivr.dialog.repair import close_message, failed_turn
from ivr.dialog.state import Pending, Phase
from ivr.incident.model import Said, Severity
from ivr.nlu.answers import answer
from ivr.nlu.understand import understand
from ivr.nlu.understanding import Answer, Expects, Heard, Understanding

NOISES_TO_A_FAILED_TURN = 3


def hear(draft: Draft, event: UtteranceHeard) -> None:
    """Take one utterance; words of a turn that still goes on serve red flags only (2.1.1)."""
    if not event.text.strip():
        if event.final and draft.listening:
            _hear_noise(draft)
        return
    turn = Heard(event.text, event.alternatives, event.confidence)
    understood = _understand(draft, turn, event)
    if not event.final:
        _hear_partial(draft, understood)
        return
    _record(draft, turn, event, understood)
    if not draft.listening:
        _absorb(draft, understood)
        return
    if understood.command is not None and obey(draft, understood.command):
        return
    _take_turn(draft, turn, understood)


def _understand(draft: Draft, turn: Heard, event: UtteranceHeard) -> Understanding:
    dialog = draft.dialog
    lang = dialog.lang if dialog.lang_fixed else event.lang
    return understand(
        (*dialog.turns, turn),
        draft.edition.lexicon,
        lang=lang,
        estate=draft.edition.estate,
        current=dialog.category,
    )


def _record(draft: Draft, turn: Heard, event: UtteranceHeard, understood: Understanding) -> None:
    if not draft.dialog.lang_fixed:
        draft.set(lang=understood.lang, lang_fixed=True)
    said = Said("caller", event.text, draft.at, draft.dialog.lang, event.confidence)
    draft.set(
        turns=(*draft.dialog.turns, turn),
        transcript=(*draft.dialog.transcript, said),
        noises=0,
    )
    draft.hush_timers()
    if draft.dialog.speaking and all(b for _, b in draft.dialog.speaking):
        draft.do(StopSpeaking())


def _hear_noise(draft: Draft) -> None:
    """Speech nobody could read: a cough is no failed turn, a third one is."""
    noises = draft.dialog.noises + 1
    draft.set(noises=noises % NOISES_TO_A_FAILED_TURN)
    if noises >= NOISES_TO_A_FAILED_TURN:
        failed_turn(draft)
    else:
        rearm(draft)


def _hear_partial(draft: Draft, understood: Understanding) -> None:
    """A red flag in a half-finished sentence is enough; nothing else is taken from it."""
    if draft.dialog.phase is not Phase.INTAKE or draft.dialog.pending is not None:
        return
    red = draft.edition.library.red(understood.facts)
    if understood.next == "act" and (red or understood.severity is Severity.CRITICAL):
        draft.note("acted on a red flag before the end of the sentence")
        if not draft.dialog.lang_fixed:
            draft.set(lang=understood.lang)
        draft.set(acted_on_partial=True)
        _absorb(draft, understood)
        classify(draft, understood.category, understood)


# ---- taking a turn -----------------------------------------------------------------------------


def _take_turn(draft: Draft, turn: Heard, understood: Understanding) -> None:
    before = dict(draft.dialog.facts)
    pending = draft.dialog.pending
    read = _read_answer(draft, turn)
    _absorb(draft, understood)
    if read is not None:
        _absorb_answer(draft, read)
    _keep_place_words(draft, turn, before)
    _give_notice(draft)
    news = dict(draft.dialog.facts) != before
    switched = _switch(draft, understood)
    if switched:
        return
    if pending is not None and pending.kind == "confirm":
        take_confirmation(draft, read, understood, news=news)
    elif draft.dialog.phase is Phase.INTAKE:
        _take_intake(draft, understood, news=news)
    else:
        _take_reply(draft, read, before, news=news)


def _read_answer(draft: Draft, turn: Heard) -> Answer | None:
    pending = draft.dialog.pending
    if pending is None:
        return None
    question = draft.question()
    if question is not None:
        expects = Expects(question.id, question.slots, question.kind)
    elif pending.kind == "message":
        return None
    else:
        expects = Expects(pending.question, (), "yes_no")
    lexicon, estate = draft.edition.lexicon, draft.edition.estate
    read = answer(turn, expects, lexicon, lang=draft.dialog.lang, estate=estate)
    return _as_correction(draft, read, expects)


def _as_correction(draft: Draft, read: Answer, expects: Expects) -> Answer:
    """ "No, building four" behind a read-back speaks of the place, not of the question asked."""
    place = {slot: v for slot, v in read.slots.items() if slot in PLACE_SLOTS}
    read_back = any(isinstance(said, SayPlace) for said in draft.dialog.recent)
    if not read.correction or expects.kind == "place" or not (place or read_back):
        return read
    if draft.dialog.pending is None or draft.dialog.pending.kind != "question":
        return read
    return replace(read, understood=False, slots=place, facts={}, yes=None)


def _absorb(draft: Draft, understood: Understanding) -> None:
    """Keep what is known; what understanding no longer says stays as it was."""
    now = {**understood.facts, **understood.slots}
    before = draft.dialog.understood
    draft.learn({fact: value for fact, value in now.items() if before.get(fact) != value})
    draft.set(understood=now)
    reasons = dict.fromkeys((*draft.dialog.reasons, *understood.reasons))
    draft.set(reasons=tuple(reasons))
    category = draft.dialog.category
    also = dict.fromkeys((*draft.dialog.also, *understood.also))
    draft.set(also=tuple(a for a in also if a != category))
    if category and understood.category == category:
        level = draft.dialog.severity or understood.severity
        subtype = draft.dialog.subtype or understood.subtype
        draft.set(severity=level.worse(understood.severity), subtype=subtype)


def _absorb_answer(draft: Draft, read: Answer) -> None:
    facts: Mapping[str, str] = {**read.facts, **read.slots}
    if read.correction and any(slot in read.slots for slot in PLACE_SLOTS):
        draft.set(place_as_said=None)
    draft.learn(dict(facts))
    draft.set(reasons=tuple(dict.fromkeys((*draft.dialog.reasons, *read.reasons))))


def _keep_place_words(draft: Draft, turn: Heard, before: Mapping[str, str]) -> None:
    facts = draft.dialog.facts
    if any(facts.get(s) != before.get(s) for s in PLACE_SLOTS):
        draft.set(place_as_said=turn.text, place_verified=False)


def _give_notice(draft: Draft) -> None:
    """Recording notice after the first answer (PIPL 18(2)), never where nothing may be said."""
    if draft.dialog.recorded and not draft.dialog.notice_given and not draft.quiet:
        draft.set(notice_given=True, news=("recorded", *draft.dialog.news))


def _switch(draft: Draft, understood: Understanding) -> bool:
    """Follow a deadlier hazard, or a fact that leads elsewhere, into its own playbook."""
    library = draft.edition.library
    if divert(draft):
        return True
    category = draft.dialog.category
    if category is None or understood.category == category or understood.next != "act":
        return False
    if not library.has_category(understood.category):
        return False
    draft.note("a graver emergency was heard")
    if category != library.playbooks[library.none].category:
        draft.set(also=tuple(dict.fromkeys((*draft.dialog.also, category))))
    classify(draft, understood.category, understood)
    return True


def _take_intake(draft: Draft, understood: Understanding, *, news: bool) -> None:
    library = draft.edition.library
    if understood.next == "act" and library.has_category(understood.category):
        classify(draft, understood.category, understood)
    elif understood.next == "clarify" and understood.candidates:
        draft.set(candidates=understood.candidates, severity=understood.severity)
        confirm_next(draft)
    elif news:
        draft.phrase("listening")
        draft.listen("open")
    else:
        draft.open_floor(None)
        failed_turn(draft)


def _take_reply(
    draft: Draft, read: Answer | None, before: Mapping[str, str], *, news: bool
) -> None:
    pending = draft.dialog.pending
    if pending is None:
        if draft.dialog.phase is Phase.STAYING and not news:
            draft.phrase("noted")
        walk(draft)
    elif pending.kind == "home":
        _take_home(draft, read, news=news)
    elif pending.kind == "message":
        close_message(draft)
    elif read is not None and read.correction and not read.understood:
        draft.phrase("place_again")
        _forget_place(draft)
        walk(draft)
    elif news or (read is not None and read.understood):
        _answered(draft, pending, read, before)
    elif draft.dialog.acted_on_partial:
        draft.set(acted_on_partial=False)
        rearm(draft)
    else:
        failed_turn(draft)


def _answered(
    draft: Draft, pending: Pending, read: Answer | None, before: Mapping[str, str]
) -> None:
    draft.set(acted_on_partial=False)
    question = draft.edition.library.question(pending.question)
    understood = read is not None and read.understood
    if question.kind == "place" and understood and not draft.dialog.place.known:
        failed_turn(draft)
        return
    if understood or pending.once or answered(draft, question):
        mark_done(draft, pending.step)
        draft.open_floor(None)
    elif pending.failed:
        failed_turn(draft)
        return
    else:
        draft.ask_pending(failed=1)
    read_back(draft, before)
    walk(draft)


def read_back(draft: Draft, before: Mapping[str, str]) -> None:
    """Say a place heard by voice back, for the caller to contradict (safe callers only, G-15)."""
    dialog = draft.dialog
    changed = any(dialog.facts.get(s) != before.get(s) for s in PLACE_SLOTS if s != "floor")
    if changed and dialog.place.known and not draft.quiet and not hurried(dialog, draft.edition):
        draft.phrase("read_back")
        draft.say_place(dialog.place)


def _take_home(draft: Draft, read: Answer | None, *, news: bool) -> None:
    if read is not None and read.yes and not news:
        draft.take_home()
    draft.open_floor(None)
    walk(draft)


def _forget_place(draft: Draft) -> None:
    kept = {k: v for k, v in draft.dialog.facts.items() if k not in PLACE_SLOTS}
    asks = {k for k in draft.dialog.done if not k.endswith("?home")}
    book = playbook_of(draft.dialog, draft.edition)
    place_steps = {
        f"{book.name}/{s.key}"
        for s in book.steps
        if hasattr(s, "question")
        and draft.edition.library.question(s.question).kind == "place"
    }
    homes = {k for k in draft.dialog.done if k.endswith("?home")}
    draft.set(
        facts=kept,
        place_as_said=None,
        place_verified=False,
        pending=None,
        done=frozenset((asks - place_steps) | homes | {f"{k}?home" for k in place_steps}),
    )
