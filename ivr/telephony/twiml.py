"""TwiML's verbs as elements, with Twilio's rules for their attributes. Pure.

Rules cited are those of design/field-guide.md part (d).
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from ivr.incident.model import Lang

MAX_DOCUMENT: Final = 64 * 1024
"""Bytes; a larger document is error 11750."""
MAX_HINTS: Final = 500
MAX_HINT: Final = 100

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class SpeechStyle:
    """How the carrier's own recogniser and voice are used on the webhook path."""

    recognizer: Mapping[Lang, str] = field(
        default_factory=lambda: MappingProxyType({"zh": "cmn-Hans-CN", "en": "en-US"})
    )
    voice: Mapping[Lang, tuple[str, str]] = field(
        default_factory=lambda: MappingProxyType(
            {"zh": ("zh-CN", "Polly.Zhiyu"), "en": ("en-US", "Polly.Joanna")}
        )
    )
    """(language, voice) of `<Say>`; a wrong pair fails the verb, so both are settings."""
    speech_model: str | None = None
    """None: the carrier's default. Mandarin is not in `phone_call` nor `experimental_*`."""
    hints: Mapping[Lang, Sequence[str]] = field(default_factory=dict)
    """The estate's own names; cut to 500 of at most 100 characters."""


def document(*verbs: ET.Element) -> bytes:
    """Return the document of `verbs`.

    Raises:
        ValueError: it is larger than the carrier takes (11750).
    """
    root = ET.Element("Response")
    root.extend(verbs)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    if len(content) >= MAX_DOCUMENT:
        message = f"a document of {len(content)} bytes; the carrier takes less than {MAX_DOCUMENT}"
        raise ValueError(message)
    return content


def say(text: str, lang: Lang, style: SpeechStyle) -> ET.Element:
    """Return the carrier's own voice saying `text`: only where no recording of ours exists."""
    language, voice = style.voice[lang]
    element = ET.Element("Say", {"language": language, "voice": voice})
    element.text = _NOT_XML.sub(" ", text)
    return element


def play(url: str) -> ET.Element:
    """Return the playing of a WAV (not MP3: the carrier converts those first)."""
    return _with_text("Play", url)


def pause(seconds: int) -> ET.Element:
    return ET.Element("Pause", {"length": str(seconds)})


def redirect(url: str) -> ET.Element:
    return _with_text("Redirect", url, method="POST")


def hangup() -> ET.Element:
    return ET.Element("Hangup")


def connect_stream(url: str, status_url: str, token: str) -> ET.Element:
    """Return the bidirectional stream. No query string in `url`: parameters go beside it."""
    connect = ET.Element("Connect")
    stream = ET.SubElement(
        connect,
        "Stream",
        {"url": url, "statusCallback": status_url, "statusCallbackMethod": "POST"},
    )
    ET.SubElement(stream, "Parameter", {"name": "token", "value": token})
    return connect


@dataclass(frozen=True, slots=True)
class GatherRules:
    """What one `<Gather>` listens for."""

    input: Literal["dtmf speech", "dtmf"]
    timeout_s: int
    """Silence, counted from the end of the nested verbs, and between two keys."""
    speech_timeout_s: int
    """Silence that ends the caller's speech. A number, not `auto`: `auto` and a model do not go
    together (13335)."""
    digits: int | None
    """So many keys end the entry at once, whatever they are; None: `#` ends it."""


def gather(
    action: str,
    rules: GatherRules,
    nested: Sequence[ET.Element],
    lang: Lang,
    style: SpeechStyle,
) -> ET.Element:
    """Return a question: `nested` (Say, Play, Pause) may be cut off by the caller."""
    attributes = {
        "action": action,  # without it the carrier asks the same document again
        "method": "POST",
        "input": rules.input,
        "timeout": str(rules.timeout_s),
        "actionOnEmptyResult": "true",
    }
    if rules.digits is None:
        attributes["finishOnKey"] = "#"
    else:
        attributes |= {"numDigits": str(rules.digits), "finishOnKey": ""}
    if "speech" in rules.input:
        attributes |= {
            "language": style.recognizer[lang],
            "speechTimeout": str(rules.speech_timeout_s),
            "profanityFilter": "false",  # default true: the words of an assault call would go
        }
        if style.speech_model:
            attributes["speechModel"] = style.speech_model
        if hints := _hints(style.hints.get(lang, ())):
            attributes["hints"] = hints
    element = ET.Element("Gather", attributes)
    element.extend(nested)
    return element


def dial(
    number: str,
    *,
    timeout_s: int,
    action: str,
    whisper: str | None = None,
    caller_id: str | None = None,
) -> ET.Element:
    """Return a transfer. `whisper`: what the dialled person hears and must confirm by key, so that
    no mailbox swallows the caller (yap#321)."""
    attributes = {"action": action, "method": "POST", "timeout": str(timeout_s)}
    attributes["answerOnBridge"] = "true"
    if caller_id:
        attributes["callerId"] = caller_id
    element = ET.Element("Dial", attributes)
    target = _with_text("Number", number)
    if whisper:
        target.attrib |= {"url": whisper, "method": "POST"}
    element.append(target)
    return element


def record(action: str, max_s: int) -> ET.Element:
    """Return the taking of a message, ended by `#`, 5 s of silence or `max_s`."""
    return ET.Element(
        "Record",
        {
            "action": action,
            "method": "POST",
            "maxLength": str(max_s),
            "timeout": "5",
            "finishOnKey": "#",
            "playBeep": "true",
        },
    )


def _with_text(tag: str, text: str, **attributes: str) -> ET.Element:
    element = ET.Element(tag, attributes)
    element.text = text
    return element


def _hints(names: Sequence[str]) -> str:
    fit = [name.replace(",", " ") for name in names if 0 < len(name) <= MAX_HINT]
    return ",".join(fit[:MAX_HINTS])
