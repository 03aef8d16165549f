"""Reports as JSON text in a column: pydantic at the edge, the frozen dataclass inside."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from ivr.incident.model import Report

_REPORT = TypeAdapter(Report)


def report_to_json(report: Report) -> str:
    # Read-only mappings (`MappingProxyType`) are unknown to pydantic: `dict` makes them known.
    return _REPORT.dump_json(report, fallback=dict, warnings=False).decode()


def report_from_json(document: str) -> Report:
    return _REPORT.validate_json(document)


def to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def from_json(document: str) -> Any:
    return json.loads(document)


def mapping_from_json(document: str) -> Mapping[str, object]:
    value: dict[str, object] = json.loads(document)
    return value
