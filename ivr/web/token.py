"""The bearer token of the API."""

import hmac

from flask import Response, request


def refusal(token: str) -> Response | None:
    """Return the 401 for a request without the right token; None: it may pass."""
    given = request.headers.get("Authorization", "")
    if hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return None
    return Response(
        "401 bearer token missing or wrong\n",
        401,
        {"WWW-Authenticate": "Bearer"},
        mimetype="text/plain",
    )
