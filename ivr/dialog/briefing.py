"""From the dialog to the report that staff receive: alerts, tasks, unknowns, severity."""

from dataclasses import replace
from datetime import datetime

from ivr.dialog.edition import Edition
from ivr.dialog.facts import playbook_of, quiet, view
from ivr.dialog.state import Dialog
from ivr.incident.model import (
    AlertOrder,
    Caller,
    IncidentStatus,
    Report,
    Severity,
    TaskOrder,
)
from ivr.playbook.model import Alert, Facts, Playbook


def severity_of(dialog: Dialog, book: Playbook) -> Severity:
    """Raise the severity by the playbook's rules; a caller's word never lowers it (2.1.9)."""
    facts = view(dialog)
    level = dialog.severity or book.severity
    for rule in book.raises:
        if rule.condition.holds(facts):
            level = level.worse(rule.to)
    return level


def with_orders(dialog: Dialog, edition: Edition, at: datetime, *, ending: bool = False) -> Dialog:
    """Add the alert and task orders that have become due; none is ever taken back."""
    if dialog.playbook is None or dialog.test:
        return dialog
    book = playbook_of(dialog, edition)
    dialog = replace(dialog, severity=severity_of(dialog, book))
    facts = view(dialog)
    have = {order.key for order in dialog.orders}
    waited = (at - (dialog.classified_at or at)).total_seconds()
    orders = tuple(
        AlertOrder(f"{book.name}.{a.key}", a.roles, a.clauses, at, a.desk)
        for a in book.alerts
        if f"{book.name}.{a.key}" not in have
        and _due(a, facts, waited, ending=ending)
        and not (a.desk and dialog.orders)
    )
    dialog = replace(dialog, orders=dialog.orders + orders)
    return replace(dialog, tasks=dialog.tasks + _new_tasks(dialog, book, facts))


def _due(alert: Alert, facts: Facts, waited_s: float, *, ending: bool) -> bool:
    if alert.after_s is None:
        return alert.condition.holds(facts)
    late = ending or waited_s >= alert.after_s
    unless_only = replace(alert.condition, when=())
    return unless_only.holds(facts) and (late or alert.condition.holds(facts))


def _new_tasks(dialog: Dialog, book: Playbook, facts: Facts) -> tuple[TaskOrder, ...]:
    have = {task.key for task in dialog.tasks}
    return tuple(
        TaskOrder(
            f"{book.name}.{t.key}",
            t.clauses,
            t.roles,
            t.text,
            t.due_s,
            t.records,
            t.consent,
            t.sheet,
        )
        for t in book.tasks
        if f"{book.name}.{t.key}" not in have and t.condition.holds(facts)
    )


def brief(dialog: Dialog, edition: Edition) -> Report:
    """Return all this call knows, for the incident."""
    library = edition.library
    book = playbook_of(dialog, edition)
    facts = view(dialog)
    over = library.resolved.holds(facts)
    status = IncidentStatus.RESOLVED_UNCHECKED if over else IncidentStatus.OPEN
    category = dialog.category or book.category or library.playbooks[library.fallback].category
    people = dialog.facts.get("people", "")
    return Report(
        playbook=book.name,
        category=category or "",
        subtype=dialog.subtype,
        severity=dialog.severity or book.severity,
        status=status,
        place=dialog.place,
        caller=Caller(dialog.caller, dialog.facts.get("name")),
        people=int(people) if people.isdigit() else None,
        hazards=library.hazards(dialog.facts),
        facts=dict(dialog.facts),
        told=dialog.told,
        unknown=unknown(dialog, book),
        transcript=dialog.transcript,
        also=dialog.also,
        alerts=dialog.orders,
        tasks=dialog.tasks,
        reasons=dialog.reasons,
        no_ring_back=quiet(dialog, edition),
        lang=dialog.lang,
        revision=edition.revision,
        test=dialog.test,
    )


def unknown(dialog: Dialog, book: Playbook) -> tuple[str, ...]:
    """Slots the playbook's questions ask for that nobody has answered, in the plan's order."""
    wanted = dict.fromkeys(slot for q in book.questions.values() for slot in q.slots)
    if dialog.place.known and not dialog.facts.get("landmark"):
        wanted.pop("landmark", None)
    if dialog.caller:
        wanted.pop("phone", None)
    return tuple(slot for slot in wanted if not dialog.facts.get(slot))
