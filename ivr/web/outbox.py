"""The local outbox page: every alert and what became of it, and the simulated duty phones."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from ivr.incident.model import IncidentId
from ivr.incident.paper import Paper
from ivr.store.store import Store
from ivr.web.token import refusal

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
INCIDENTS, MESSAGES = 30, 60
NAME = 128
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


def on_this_machine(token: str | None) -> bool:
    """Whether this request comes from the machine itself; `token`: the bearer it must also show.

    A tunnel or reverse proxy on this machine speaks from loopback for the whole world, under any
    Host it likes; what it forwards carries a header that says so. A proxy may be set to say
    nothing: hence the token in production.
    """
    if request.remote_addr not in LOOPBACK or any(map(_forwarding, request.headers.keys())):
        return False
    return token is None or (bool(token) and refusal(token) is None)


def _forwarding(header: str) -> bool:
    name = header.lower()
    return name in ("forwarded", "via", "x-real-ip") or name.startswith("x-forwarded")


def outbox(
    store: Store, paper: Paper, now: Callable[[], datetime], may_see: Callable[[], bool]
) -> Blueprint:
    """Return the blueprint of `/outbox`. `may_see`: is this request allowed (sign-in, localhost)?

    The page shows masked numbers only, and takes no script.
    """
    pages = Blueprint(
        "outbox",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/outbox/static",
    )

    @pages.before_request
    def _allowed() -> None:
        if not may_see():
            abort(403)

    @pages.get("/outbox")
    def page() -> Response:
        moment = now()
        found = store.incidents.list(INCIDENTS)
        rows = [
            (one, paper.texts(one, moment), paper.sheets(one, full_number=False)) for one in found
        ]
        html = render_template(
            "outbox.html",
            rows=rows,
            words=paper.words,
            messages=store.desk.latest(MESSAGES),
            late=store.outbox.pending_alert_age(moment),
            clock=lambda at: at.astimezone(paper.zone).strftime("%m-%d %H:%M:%S"),
        )
        return _guarded(make_response(html))

    @pages.post("/outbox/<incident>/ack")
    def take(incident: str) -> AnyResponse:
        # A page elsewhere must not press this button in a signed-in browser.
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(403)
        by = request.form.get("by", "").strip()[:NAME]
        if not by:
            abort(400, "who takes it?")
        if store.incidents.acknowledge(IncidentId(incident), by, now()) is None:
            abort(404)
        return redirect("/outbox", 303)

    return pages


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
