"""What conditions are asked about: the facts of the call and what the call itself knows."""

from ivr.dialog.edition import Edition
from ivr.dialog.events import Running
from ivr.dialog.state import Dialog
from ivr.playbook.model import Facts, Playbook

PLACE_SLOTS = ("building", "unit", "floor", "room", "landmark", "lift_no")


def view(dialog: Dialog) -> Facts:
    """Return all facts and pseudo-facts of this moment, as playbooks may name them in `when`."""
    known = dict[str, str | tuple[str, ...]](dialog.facts)
    known |= {
        "place": "known" if dialog.place.known else "",
        "number": "known" if dialog.caller else "withheld",
        "home": "known" if dialog.home else "",
        "category": dialog.category or "",
        "playbook": dialog.playbook or "",
        "subtype": dialog.subtype or "",
        "severity": dialog.severity.value if dialog.severity else "",
        "also": dialog.also,
        "running": tuple(sorted({r.category for r in _near(dialog)})),
        "called_before": tuple(r.category for r in dialog.running if r.same_caller),
        "opened": "yes" if dialog.opened_at else "",
        "alert": "accepted" if dialog.accepted else "",
        "ack": "yes" if dialog.acknowledged else "",
        "intercom": "yes" if dialog.intercom else "",
        "test": "yes" if dialog.test else "",
        "lang": dialog.lang,
    }
    return known


def _near(dialog: Dialog) -> list[Running]:
    """Running incidents near the caller: same building, or place unknown on either side."""
    here = dialog.facts.get("building") or (dialog.home.building if dialog.home else None)
    return [
        r
        for r in dialog.running
        if not here or not r.place.building or r.place.building == here
    ]


def playbook_of(dialog: Dialog, edition: Edition) -> Playbook:
    """The playbook the call follows; the fallback while there is none."""
    return edition.library.playbooks[dialog.playbook or edition.library.fallback]


def quiet(dialog: Dialog, edition: Edition) -> bool:
    """Whether nothing beyond the playbook's own lines may be spoken (gas inside, intruder)."""
    book = playbook_of(dialog, edition)
    return bool(dialog.playbook and book.quiet and book.quiet.holds(view(dialog)))


def hurried(dialog: Dialog, edition: Edition) -> bool:
    """Whether a time limit may still bind, so that nothing is said that can wait."""
    if dialog.classified_at is None or dialog.limit_passed:
        return False
    facts = view(dialog)
    limits = playbook_of(dialog, edition).limits
    return any(
        not any(all(t.holds(facts) for t in row) for row in limit.condition.unless)
        for limit in limits
    )
