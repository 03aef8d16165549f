"""JSON Schema (draft 2020-12) of the structured summary, with the enums of this house."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from ivr.incident.delivery import DeliveryState
from ivr.incident.model import Disposition, HeardBy, IncidentStatus, Severity

TEXT = {"type": "string"}
MAYBE_TEXT = {"type": ["string", "null"]}
TIME = {"type": "string", "format": "date-time"}


def incident_schema(
    categories: Iterable[str], hazards: Iterable[str], sheets: Iterable[str]
) -> dict[str, Any]:
    """Return the schema; categories, hazards and sheet names come from the playbook data."""
    properties: dict[str, Any] = {
        "id": {"type": "string", "pattern": r"^\d{6}-\d{3,}$"},
        "category": {"enum": sorted(categories)},
        "subtype": MAYBE_TEXT,
        "severity": _enum(Severity),
        "status": _enum(IncidentStatus),
        "opened_at": TIME,
        "place": _object(
            dict.fromkeys(("building", "unit", "floor", "room", "landmark", "as_said"), MAYBE_TEXT)
        ),
        "caller": _object({"phone": MAYBE_TEXT, "name": MAYBE_TEXT}),
        "people": {"type": ["integer", "null"], "minimum": 0},
        "hazards": _list({"enum": sorted(hazards)}),
        "facts": {"type": "object", "additionalProperties": TEXT},
        "told": _list(
            _object({"line": TEXT, "clause": MAYBE_TEXT, "text": TEXT, "heard": _enum(HeardBy)})
        ),
        "unknown": _list(TEXT),
        "transcript": _list(_said()),
        "calls": _list(TEXT),
        "alerts": _list(_alert()),
        "acknowledged": {"oneOf": [{"type": "null"}, _object({"by": TEXT, "at": TIME})]},
        "tasks": _list(
            _object(
                {"clause": MAYBE_TEXT, "text": TEXT, "due": _maybe_time(), "done": _maybe_time()}
            )
        ),
        "records": {"type": "object", "additionalProperties": MAYBE_TEXT},
        "sheets": {
            "type": "object",
            "propertyNames": {"enum": sorted(sheets)},
            "additionalProperties": _sheet(),
        },
        "revision": TEXT,
        "disposition": {"enum": [*(d.value for d in Disposition), None]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "/api/v1/schema/incident.json",
        "title": "Incident",
        **_object(properties),
    }


def _said() -> dict[str, Any]:
    return _object(
        {
            "who": {"enum": ["caller", "hotline"]},
            "text": TEXT,
            "at": TIME,
            "lang": {"enum": ["zh", "en"]},
            "confidence": {"type": ["number", "null"]},
        }
    )


def _alert() -> dict[str, Any]:
    return _object(
        {
            "role": TEXT,
            "person": MAYBE_TEXT,
            "channel": MAYBE_TEXT,
            "state": _enum(DeliveryState),
            "at": TIME,
        }
    )


def _sheet() -> dict[str, Any]:
    field = _object({"label": TEXT, "key": TEXT, "value": MAYBE_TEXT, "clause": MAYBE_TEXT})
    return _object(
        {
            "name": TEXT,
            "title": TEXT,
            "fields": _list(field),
            "text": TEXT,
            "unknown": _list(TEXT),
        }
    )


def _enum(values: type[StrEnum]) -> dict[str, Any]:
    return {"enum": [value.value for value in values]}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _maybe_time() -> dict[str, Any]:
    return {"type": ["string", "null"], "format": "date-time"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
