"""Mandarin or English? Decided by the script of the words, the call's language where they are mute."""

from ivr.incident.model import Lang
from ivr.nlu.text import Clean


def language_of(said: Clean, known: Lang | None = None) -> Lang:
    """Language of one utterance; two Chinese characters outweigh three English words."""
    if said.has_han and said.han_count * 2 >= said.latin_words:
        return "zh"
    if said.latin_words >= 1 and not said.has_han:
        return "en"
    return known or "zh"
