"""What a new report says that the one before it did not."""

from ivr.incident.model import Report


def changes(before: Report, after: Report) -> tuple[str, ...]:
    """Return the names of what staff should hear about: fields, and `facts.<name>`.

    What was told and the transcript grow with every sentence and are no news by themselves.
    """
    pairs = {
        "category": (before.category, after.category),
        "subtype": (before.subtype, after.subtype),
        "severity": (before.severity, before.severity.worse(after.severity)),
        "status": (before.status, after.status),
        "place": (before.place, after.place),
        "caller": (before.caller, after.caller),
        "people": (before.people, after.people),
        "hazards": (frozenset(before.hazards), frozenset(after.hazards)),
        "also": (frozenset(before.also), frozenset(after.also)),
    }
    fields = [name for name, (old, new) in pairs.items() if old != new]
    facts = [
        f"facts.{name}"
        for name in sorted({*before.facts, *after.facts})
        if before.facts.get(name) != after.facts.get(name)
    ]
    return (*fields, *facts)
