"""Twilio's REST API for calls and messages on a free port of this machine.

It answers as Twilio does (basic auth, form in, JSON out, error bodies with code and more_info), and
holds every request against Twilio's own OpenAPI description where that file is at hand. Errors can
be ordered for the next requests.
"""

import base64
import json
import os
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jsonschema

ACCOUNT = "AC" + "1" * 32
TOKEN = "rest token of a test"


def openapi() -> dict[str, Any] | None:
    """Return Twilio's description of its API, None where the file is not at hand."""
    shared = Path(os.environ.get("IVR_SHARED", Path(__file__).parents[3] / "shared"))
    path = shared / "twilio" / "twilio_api_v2010.json"
    if not path.is_file():
        return None
    described: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return described


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    form: dict[str, list[str]]


@dataclass(frozen=True)
class Trouble:
    """An answer to give instead; `hang`: the request is done, but no answer comes."""

    status: int = 500
    code: int = 20500
    message: str = "internal error"
    hang: bool = False


@dataclass
class MockTwilio:
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """Where a request does not fit Twilio's description."""
    trouble: deque[Trouble] = field(default_factory=deque)
    described: dict[str, Any] | None = field(default_factory=openapi)
    released: threading.Event = field(default_factory=threading.Event)

    def check(self, asked: Asked) -> None:
        """Hold a request against the description: path, method, parameters, their types."""
        if self.described is None:
            return
        operation = _operation(self.described, asked)
        if operation is None:
            self.violations.append(f"{asked.method} {asked.path} is not described")
            return
        content = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
        schema = content["schema"]
        unknown = set(asked.form) - set(schema["properties"])
        self.violations += [f"{name} is not a parameter" for name in sorted(unknown)]
        body = {
            name: _typed(values, _resolved(self.described, schema["properties"][name]))
            for name, values in asked.form.items()
            if name not in unknown
        }
        whole = {**schema, "components": self.described["components"]}
        for error in jsonschema.Draft202012Validator(whole).iter_errors(body):
            self.violations.append(f"{'.'.join(map(str, error.path))}: {error.message}")


def _operation(described: dict[str, Any], asked: Asked) -> dict[str, Any] | None:
    for path, entry in described["paths"].items():
        pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path))
        if re.fullmatch(pattern, asked.path) and asked.method.lower() in entry:
            found: dict[str, Any] = entry[asked.method.lower()]
            return found
    return None


def _resolved(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _typed(values: list[str], schema: dict[str, Any]) -> Any:
    """Return form text in the type the schema asks for; text that does not fit stays text."""
    kind = schema.get("type")
    if kind == "array":
        return values
    one = values[0]
    if kind == "integer" and re.fullmatch(r"-?\d+", one):
        return int(one)
    if kind == "boolean" and one.lower() in ("true", "false"):
        return one.lower() == "true"
    return one


@contextmanager
def mock_twilio() -> Iterator[MockTwilio]:
    """Serve Twilio's REST API until the block ends."""
    twilio = MockTwilio()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            form = parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
            asked = Asked("POST", urlsplit(self.path).path, form)
            if not self._authorised():
                self._error(401, 20003, "Authenticate")
                return
            twilio.asked.append(asked)
            twilio.check(asked)
            if twilio.trouble:
                trouble = twilio.trouble.popleft()
                if trouble.hang:
                    twilio.released.wait(10)
                    self.close_connection = True
                    return
                self._error(trouble.status, trouble.code, trouble.message)
                return
            self._made(asked)

        def _authorised(self) -> bool:
            right = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
            return (
                self.headers.get("Authorization") == f"Basic {right}"
                and f"/Accounts/{ACCOUNT}/" in self.path
            )

        def _made(self, asked: Asked) -> None:
            call = re.search(r"/Calls/(\w+)\.json$", asked.path)
            kind = "SM" if "/Messages" in asked.path else "CA"
            sid = call.group(1) if call else kind + uuid4().hex
            first = {name: values[0] for name, values in asked.form.items()}
            body = {
                "sid": sid,
                "account_sid": ACCOUNT,
                "to": first.get("To"),
                "from": first.get("From"),
                "body": first.get("Body"),
                "status": first.get("Status", "queued"),
                "uri": asked.path,
            }
            self._json(200 if call else 201, body)

        def _error(self, status: int, code: int, message: str) -> None:
            info = f"https://www.twilio.com/docs/errors/{code}"
            body = {"code": code, "message": message, "more_info": info, "status": status}
            self._json(status, body)

        def _json(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    twilio.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield twilio
    finally:
        twilio.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
