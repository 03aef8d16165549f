"""How many people, who calls, on which number (plan/labels.md: slots `people`, `name`, `phone`)."""

import re
from functools import lru_cache

from ivr.nlu.lexicon import LanguagePack
from ivr.nlu.numbers import read_signs, read_words
from ivr.nlu.places import Holder


@lru_cache(maxsize=8)
def _patterns(holder: Holder) -> dict[str, list[re.Pattern[str]]]:
    places, pack = holder.pack.places, holder.pack
    signs = re.escape(pack.numbers.signs) + "0-9"
    number = r"\d+" if pack.common.words else f"[{signs}]+"

    def build(patterns: list[str]) -> list[re.Pattern[str]]:
        return [re.compile(p.replace("{n}", number)) for p in patterns]

    return {
        "people": build(places.people),
        "not": build(places.people_not),
        "lists": build(places.people_lists),
        "names": build(places.names),
        "phones": build(places.phones),
    }


def people(text: str, pack: LanguagePack) -> str | None:
    """Number of persons trapped, hurt or in danger, as digits."""
    made = _patterns(Holder(pack))
    line = read_words(text, pack.numbers) if pack.common.words else text
    barred = [m.span() for p in made["not"] for m in p.finditer(line)]
    for pattern in made["people"]:
        for match in pattern.finditer(line):
            if any(s < match.end() and match.start() < e for s, e in barred):
                continue
            value = _count(match, pack)
            if value is not None:
                return value
    for pattern in made["lists"]:
        for match in pattern.finditer(line):
            return str(1 + sum(1 for g in match.groups() if g))
    return None


def _count(match: re.Match[str], pack: LanguagePack) -> str | None:
    groups = match.groupdict()
    said = groups.get("n")
    if said:
        digits = said if said.isdigit() else read_signs(said, pack.numbers)
        if digits is None or not 0 < int(digits) <= 200:
            return None
        plus = int(digits) + (1 if groups.get("plus") else 0)
        return str(plus)
    for word, count in pack.places.people_words.items():
        if re.search(word, match.group()):
            return str(count)
    return None


def name_and_phone(text: str, pack: LanguagePack) -> dict[str, str]:
    """The caller's family name and call-back number, where said."""
    made = _patterns(Holder(pack))
    found: dict[str, str] = {}
    for pattern in made["names"]:
        match = pattern.search(text)
        if match:
            found["name"] = (
                match.group("name").strip().title() if pack.common.words else match.group("name")
            )
            break
    line = read_words(text, pack.numbers) if pack.common.words else text
    for pattern in made["phones"]:
        match = pattern.search(line)
        if match:
            said = re.sub(r"[\s-]", "", match.group("phone"))
            digits = said if said.isdigit() else read_signs(said, pack.numbers)
            if digits and 7 <= len(digits) <= 12:
                found["phone"] = digits
                break
    return found
