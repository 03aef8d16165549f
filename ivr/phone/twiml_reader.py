"""A document as the carrier reads it."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass

MAX_BYTES = 64 * 1024
KNOWN = frozenset(
    {"Connect", "Dial", "Gather", "Hangup", "Pause", "Play", "Record", "Redirect", "Reject", "Say"}
)


class BadDocument(ValueError):
    """The carrier would end the call with "an application error has occurred" (12100, 11750)."""


@dataclass(frozen=True, slots=True)
class Verb:
    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["Verb", ...]

    def number(self, name: str, default: int) -> int:
        """Return a whole-number attribute.

        Raises:
            BadDocument: it is no number.
        """
        text = self.attributes.get(name, str(default))
        if not text.isdigit():
            message = f"<{self.name} {name}={text!r}> is not a whole number"
            raise BadDocument(message)
        return int(text)


def read(content: bytes) -> tuple[Verb, ...]:
    """Return the verbs of a document.

    Raises:
        BadDocument: no XML, no `<Response>`, an unknown verb, or too large.
    """
    if len(content) >= MAX_BYTES:
        message = f"11750: a document of {len(content)} bytes"
        raise BadDocument(message)
    try:
        root = ET.fromstring(content)  # noqa: S314 - the hotline under test, below 64 KB
    except ET.ParseError as error:
        message = f"12100: not XML: {error}"
        raise BadDocument(message) from error
    if root.tag != "Response":
        message = f"12200: <{root.tag}> instead of <Response>"
        raise BadDocument(message)
    verbs = tuple(_verb(element) for element in root)
    unknown = [verb.name for verb in verbs if verb.name not in KNOWN]
    if unknown:
        message = f"12200: unknown verb <{unknown[0]}>"
        raise BadDocument(message)
    return verbs


def _verb(element: ET.Element) -> Verb:
    return Verb(
        name=element.tag,
        attributes=dict(element.attrib),
        text=(element.text or "").strip(),
        children=tuple(_verb(child) for child in element),
    )
