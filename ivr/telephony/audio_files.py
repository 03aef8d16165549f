"""The recordings a document's `<Play>` names. Fetched by the carrier, unsigned: they are what we
say to anybody who calls, and a place only opens by its sealed name."""

import hashlib
from typing import Final

from flask import Blueprint, Response, request

from ivr.incident.model import Lang
from ivr.telephony.prompts import Speaker

_LANGS: Final[dict[str, Lang]] = {"zh": "zh", "en": "en"}
_CACHE_S: Final = 300
"""A new recording is heard by the carrier's cache after this at the latest."""


def add_audio_routes(voice: Blueprint, speaker: Speaker) -> None:
    """Add `GET audio/<lang>/<line>.wav`, `audio/<lang>/slow/<line>.wav`, `audio/phrase/….wav`."""

    @voice.get("/audio/phrase/<name>.wav")
    def phrase_wav(name: str) -> Response:
        phrase = speaker.seal.open(name)
        if phrase is None:
            return _missing()
        return _wav(speaker.prompts.phrase_wav(phrase.place, phrase.lang, phrase.slow))

    @voice.get("/audio/<lang>/<line>.wav")
    def line_wav(lang: str, line: str) -> Response:
        return _line(speaker, lang, line, slow=False)

    @voice.get("/audio/<lang>/slow/<line>.wav")
    def slow_wav(lang: str, line: str) -> Response:
        return _line(speaker, lang, line, slow=True)


def _line(speaker: Speaker, lang: str, line: str, *, slow: bool) -> Response:
    known = _LANGS.get(lang)
    return _missing() if known is None else _wav(speaker.prompts.wav(line, known, slow))


def _wav(content: bytes | None) -> Response:
    if content is None:
        return _missing()
    answer = Response(content, mimetype="audio/wav")
    answer.headers["Cache-Control"] = f"public, max-age={_CACHE_S}"
    answer.set_etag(hashlib.sha256(content).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


def _missing() -> Response:
    return Response("no such recording\n", status=404, mimetype="text/plain")
