"""What one call follows: the playbooks, the lexicon and the estate of one revision."""

from dataclasses import dataclass

from ivr.nlu.estate import Estate
from ivr.nlu.lexicon import Lexicon
from ivr.playbook.model import Library


@dataclass(frozen=True, slots=True)
class Edition:
    """Pinned to a call when it begins; an edit never changes a call in progress."""

    library: Library
    lexicon: Lexicon
    estate: Estate | None = None

    @property
    def revision(self) -> str:
        return self.library.revision
