"""The incident as JSON-ready data: what the API, the webhook and the schema carry."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from ivr.incident.record import IncidentRecord
from ivr.incident.sheets import Sheet


def document(incident: IncidentRecord, sheets: Sequence[Sheet]) -> dict[str, object]:
    """Return the incident with the fields of design.md section 4; times are UTC, ISO 8601."""
    report, place = incident.report, incident.report.place
    taken = incident.acknowledged
    verified = {"place_verified": "yes" if place.verified else "no"} if place.known else {}
    return {
        "id": incident.id,
        "category": report.category,
        "subtype": report.subtype,
        "severity": incident.severity.value,
        "status": incident.status.value,
        "opened_at": _time(incident.opened_at),
        "place": {
            name: getattr(place, name)
            for name in ("building", "unit", "floor", "room", "landmark", "as_said")
        },
        "caller": {"phone": report.caller.phone, "name": report.caller.name},
        "people": report.people,
        "hazards": list(report.hazards),
        "facts": {**report.facts, **verified},
        "told": [
            {"line": t.line, "clause": _clause(t.clauses), "text": t.text, "heard": t.heard.value}
            for t in report.told
        ],
        "unknown": list(report.unknown),
        "transcript": [
            {
                "who": said.who,
                "text": said.text,
                "at": _time(said.at),
                "lang": said.lang,
                "confidence": said.confidence,
            }
            for said in report.transcript
        ],
        "calls": list(incident.calls),
        "alerts": _alerts(incident),
        "acknowledged": {"by": taken.by, "at": _time(taken.at)} if taken else None,
        "tasks": _tasks(incident),
        "records": _records(incident),
        "sheets": {sheet.name: _sheet(sheet) for sheet in sheets},
        "revision": report.revision,
        "disposition": incident.disposition.value if incident.disposition else None,
    }


def _alerts(incident: IncidentRecord) -> list[dict[str, object]]:
    return [
        {
            "role": alert.role,
            "person": alert.person,
            "channel": alert.channel,
            "state": alert.state.value,
            "at": _time(alert.at),
        }
        for alert in incident.alerts
    ]


def _tasks(incident: IncidentRecord) -> list[dict[str, object]]:
    return [
        {
            "clause": _clause(task.clauses),
            "text": task.text.get("zh") or task.text.get("en", ""),
            "due": _time(task.due_at) if task.due_at else None,
            "done": _time(task.done_at) if task.done_at else None,
        }
        for task in incident.tasks
    ]


def _records(incident: IncidentRecord) -> dict[str, str | None]:
    """Every record the tasks demand, null until somebody has noted it."""
    wanted: dict[str, str | None] = {f: None for task in incident.tasks for f in task.records}
    return wanted | dict(incident.records)


def _sheet(sheet: Sheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "title": sheet.title,
        "fields": [asdict(field) for field in sheet.fields],
        "text": sheet.text,
        "unknown": list(sheet.unknown),
    }


def _clause(clauses: tuple[str, ...]) -> str | None:
    return " ".join(clauses) or None


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
