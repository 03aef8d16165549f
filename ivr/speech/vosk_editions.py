"""The official Vosk models: what their files must be, wherever they come from (speech.md 2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ivr.speech.recognizer import Lang


@dataclass(frozen=True, slots=True)
class VoskEdition:
    """An official model file."""

    name: str
    lang: Lang
    size: int
    """Of the zip, bytes."""
    sha256: str
    unpacked: int
    """Bytes at most."""
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the files we know, by path inside the model."""


VOSK: Final[Mapping[Lang, VoskEdition]] = MappingProxyType(
    {
        "zh": VoskEdition(
            name="vosk-model-small-cn-0.22",
            lang="zh",
            size=43_898_754,
            sha256="3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
            unpacked=68_292_271,
            files=MappingProxyType(
                {
                    "am/final.mdl": "91eda2c04c4f599361cb92b0e5298ccdf6b3c7a1fa52bfcefcd2c4e07aa1c131",  # noqa: E501
                    "graph/Gr.fst": "46d41a9b1723abccdcb354d731a5b58d87c060100d88ada1a3e31220f52b0434",  # noqa: E501
                    "graph/HCLr.fst": "798af0d9ba6f2d727747f58e1e7b2305f8618bc8ea7f6c51beecd8a2c965b965",  # noqa: E501
                    "ivector/final.ie": "c39d46fbff04efb7baa9660ae7a728b0e2f35a4a1250b56ed3a599e26956df86",  # noqa: E501
                }
            ),
        ),
        "en": VoskEdition(
            name="vosk-model-small-en-us-0.15",
            lang="en",
            size=41_205_931,
            sha256="30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498",
            unpacked=80_000_000,
        ),
    }
)
