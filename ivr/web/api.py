"""The API of design.md section 4: incidents and calls as JSON, for the bearer of the token."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from ivr.incident.model import CallId, IncidentId
from ivr.incident.paper import Paper
from ivr.store.calls import CallRecord
from ivr.store.database import StoreUnavailable
from ivr.store.store import Store
from ivr.web.token import refusal

PAGE, LARGEST_PAGE = 50, 200
OPEN_TO_ALL = "api.incident_schema"


class _Ack(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    by: str = Field(min_length=1, max_length=128)


def api(store: Store, token: str, paper: Paper, now: Callable[[], datetime]) -> Blueprint:
    """Return the blueprint; mount it as it is (it carries its own `/api/v1`).

    Raises:
        ValueError: an empty token, which would open the API to everybody.
    """
    if not token:
        raise ValueError("the API needs a token (IVR_API_TOKEN)")
    pages = Blueprint("api", __name__, url_prefix="/api/v1")

    @pages.before_request
    def _authorised() -> Response | None:
        return None if request.endpoint == OPEN_TO_ALL else refusal(token)

    @pages.get("/schema/incident.json")
    def incident_schema() -> Response:
        return jsonify(paper.schema())

    _about_incidents(pages, store, paper, now)
    _about_calls(pages, store)

    @pages.errorhandler(StoreUnavailable)
    def unavailable(_error: StoreUnavailable) -> tuple[Response, int]:
        return jsonify({"error": "the database is unavailable; try again"}), 503

    @pages.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int]:
        return jsonify({"error": error.description}), error.code or 500

    return pages


def _about_incidents(
    pages: Blueprint, store: Store, paper: Paper, now: Callable[[], datetime]
) -> None:
    @pages.get("/incidents")
    def incidents() -> Response | tuple[Response, int]:
        limit = _limit()
        before = request.args.get("before")
        found = store.incidents.list(limit + 1, IncidentId(before) if before else None)
        shown = found[:limit]
        following = shown[-1].id if len(found) > limit else None
        return jsonify({"incidents": [paper.document(one) for one in shown], "next": following})

    @pages.get("/incidents/<incident>")
    def incident(incident: str) -> Response | tuple[Response, int]:
        found = store.incidents.get(IncidentId(incident))
        return jsonify(paper.document(found)) if found else _missing("incident")

    @pages.post("/incidents/<incident>/ack")
    def acknowledge(incident: str) -> Response | tuple[Response, int]:
        try:
            ack = _Ack.model_validate_json(request.get_data(cache=False) or b"{}")
        except ValidationError:
            return jsonify({"error": 'send {"by": "<name>"}, 1 to 128 characters'}), 400
        taken = store.incidents.acknowledge(IncidentId(incident), ack.by, now())
        if taken is None:
            return _missing("incident")
        answer = {"won": taken.won, "by": taken.by, "at": _time(taken.at), "closed": taken.closed}
        return jsonify(answer), 200 if taken.won else 409


def _about_calls(pages: Blueprint, store: Store) -> None:
    @pages.get("/calls")
    def calls() -> Response | tuple[Response, int]:
        limit = _limit()
        before = request.args.get("before")
        found = store.calls.list(limit + 1, CallId(before) if before else None)
        shown = found[:limit]
        following = shown[-1].id if len(found) > limit else None
        return jsonify({"calls": [_call(one) for one in shown], "next": following})

    @pages.get("/calls/<call>")
    def call(call: str) -> Response | tuple[Response, int]:
        found = store.calls.get(CallId(call))
        return jsonify(_call(found)) if found else _missing("call")


def _limit() -> int:
    asked = request.args.get("limit", PAGE, type=int)
    return max(1, min(asked, LARGEST_PAGE))


def _missing(what: str) -> tuple[Response, int]:
    return jsonify({"error": f"no such {what}"}), 404


def _call(call: CallRecord) -> dict[str, object]:
    return {
        "id": call.id,
        "caller": call.caller,
        "called": call.called,
        "media": call.media,
        "revision": call.revision,
        "test": call.test,
        "began_at": _time(call.began_at),
        "ended_at": _time(call.ended_at),
        "disposition": call.disposition.value if call.disposition else None,
        "incident": call.incident,
    }


def _time(at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
