"""The pace of a call: company for who must stay, limits for who must go, news for both."""

from ivr.dialog.draft import ALERT_BY, ANSWER, COMPANY, LIMIT, ORDERS, Draft
from ivr.dialog.effects import CancelTimer, Listen, Say, SayPlace, StartTimer
from ivr.dialog.facts import hurried, playbook_of, view
from ivr.dialog.state import Phase
from ivr.incident.model import Disposition
from ivr.playbook import model as m

SOONEST_S = 2.0
"""A word of company never falls into the caller's own breath."""


def stay(draft: Draft, step: m.StayStep) -> None:
    """Keep the caller company: a voice at least every 30 s (LIFT-1a, safety 2.1.5)."""
    entering = draft.dialog.phase is not Phase.STAYING and not _said_something(draft)
    draft.set(phase=Phase.STAYING, pending=None)
    if entering:
        keep_company(draft, step)
    draft.do(Listen("open"))
    wait_s = max(SOONEST_S, step.every_s - _silent_for_s(draft))
    draft.do(StartTimer(COMPANY, wait_s, after_speech=True))
    draft.do(CancelTimer(ANSWER))


def _silent_for_s(draft: Draft) -> float:
    """How long we have said nothing: coughs must not put the next word off for ever."""
    if draft.dialog.speaking or draft.dialog.spoke_at is None:
        return 0.0
    return (draft.at - draft.dialog.spoke_at).total_seconds()


def _said_something(draft: Draft) -> bool:
    return any(isinstance(e, Say | SayPlace) for e in draft.effects)


def keep_company(draft: Draft, step: m.StayStep) -> None:
    turn = draft.dialog.company_turn
    draft.say(step.lines[turn % len(step.lines)])
    draft.set(company_turn=turn + 1)


def staying_step(draft: Draft) -> m.StayStep | None:
    """The stay that holds now."""
    book = playbook_of(draft.dialog, draft.edition)
    facts = view(draft.dialog)
    stays = (s for s in book.steps if isinstance(s, m.StayStep))
    return next((s for s in stays if s.condition.holds(facts)), None)


def start_limits(draft: Draft) -> None:
    """Start the clock after which a caller who can leave is not held (safety 2.1.4)."""
    limits = playbook_of(draft.dialog, draft.edition).limits
    if limits:
        margin = draft.timing("limit_margin_s")
        draft.do(StartTimer(LIMIT, min(x.within_s for x in limits) - margin))


def restart_clocks(draft: Draft) -> None:
    """Timers died with the line: the promises of 60, 25 and 15 s hold from where they began."""
    dialog = draft.dialog
    if not dialog.orders:
        passed = (draft.at - dialog.started_at).total_seconds()
        draft.do(StartTimer(ALERT_BY, max(0.0, draft.timing("alert_by_s") - passed)))
    limits = playbook_of(dialog, draft.edition).limits if dialog.playbook else ()
    if limits and not dialog.limit_passed and dialog.classified_at is not None:
        passed = (draft.at - dialog.classified_at).total_seconds()
        within = min(x.within_s for x in limits) - draft.timing("limit_margin_s")
        draft.do(StartTimer(LIMIT, max(0.0, within - passed)))
    if dialog.playbook:
        await_orders(draft)


def await_orders(draft: Draft) -> None:
    """Wake when the next alert is due that waits for an answer (LIFT-1d: 60 s at the latest)."""
    since = draft.dialog.classified_at or draft.at
    waited = (draft.at - since).total_seconds()
    alerts = playbook_of(draft.dialog, draft.edition).alerts
    later = [a.after_s for a in alerts if a.after_s is not None and a.after_s > waited]
    if later:
        draft.do(StartTimer(ORDERS, min(later) - waited))


def must_leave(draft: Draft) -> bool:
    """Whether a limit holds now: this caller can go, and is not kept for a question."""
    facts = view(draft.dialog)
    return any(x.condition.holds(facts) for x in playbook_of(draft.dialog, draft.edition).limits)


def release_if_limited(draft: Draft) -> bool:
    """Let the caller go where a limit that has passed binds; True where it did."""
    facts = view(draft.dialog)
    for limit in playbook_of(draft.dialog, draft.edition).limits:
        if limit.condition.holds(facts):
            draft.say_last(limit.lines)
            draft.hang_up(Disposition.RELEASED)
            return True
    return False


def tell_news(draft: Draft) -> None:
    """Say what has become true since (G-06, G-07), unless the caller has no time for it."""
    if draft.quiet or hurried(draft.dialog, draft.edition):
        return
    for role in draft.dialog.news:
        draft.phrase(role)
    draft.set(news=())
