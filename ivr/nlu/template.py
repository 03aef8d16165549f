"""The little language of `playbooks/sentences`: what a caller may say, written once.

`(a|b)` one of them, `[a]` perhaps, `<rule>` a named piece, `*` a few words in between (inside one
clause). English only: `~` any ending of the word ("burn~").
"""

import re
from collections.abc import Callable, Mapping

_TOKEN = re.compile(r"<([a-z_0-9]+)>|([()\[\]|*~])|(\s+)|(.)", re.DOTALL)
_GAP_HAN = r"[^,]{0,6}?"
_GAP_WORDS = r"(?:[^\s,]+\s+){0,4}?"


class TemplateError(ValueError):
    """A sentence template cannot be read; the message says why."""


def to_regex(
    template: str,
    rules: Mapping[str, str],
    sound: Callable[[str], str],
    *,
    words: bool,
    depth: int = 0,
) -> str:
    """A regular expression for one template.

    `sound` turns a character into what it is compared as (itself, or its syllable's symbol);
    `words`: the language puts spaces between words.
    """
    if depth > 6:
        raise TemplateError("rules call each other in a circle")
    if words:
        # a word that may be missing takes its space with it
        template = re.sub(r"\[([^\[\]]*)\] +", r"[(\1) ]", template)
        template = re.sub(r" +\[([^\[\]]*)\](?=$|[|)])", r"[ (\1)]", template)
    made: list[str] = []
    open_marks: list[str] = []
    for rule, mark, space, char in _TOKEN.findall(template):
        if rule:
            if rule not in rules:
                raise TemplateError(f"no rule <{rule}>; known: {', '.join(sorted(rules))}")
            made.append(
                "(?:" + to_regex(rules[rule], rules, sound, words=words, depth=depth + 1) + ")"
            )
        elif mark:
            made.append(_mark(mark, open_marks, words))
        elif space:
            made.append(r"\s+" if words else "")
        else:
            made.append(re.escape(sound(char)))
    if open_marks:
        raise TemplateError(f"'{open_marks[-1]}' is never closed")
    return "".join(made).replace(_GAP_WORDS + r"\s+", _GAP_WORDS)


def _mark(mark: str, open_marks: list[str], words: bool) -> str:
    if mark in "([":
        open_marks.append(mark)
        return "(?:"
    if mark in ")]":
        expected = "(" if mark == ")" else "["
        if not open_marks or open_marks.pop() != expected:
            raise TemplateError(f"'{mark}' closes nothing")
        return ")" if mark == ")" else ")?"
    if mark == "*":
        return _GAP_WORDS if words else _GAP_HAN
    if mark == "~":
        return r"\w*"
    return mark


def alternatives(template: str, rules: Mapping[str, str], limit: int = 200) -> list[str]:
    """Plain texts of a template without gaps (empty when it has one), at most `limit`."""
    if "*" in template or "~" in template:
        return []
    made, rest = _choices(template, rules, limit)
    return made if not rest else []


def _choices(text: str, rules: Mapping[str, str], limit: int) -> tuple[list[str], str]:
    """Expansions up to the first unmatched closer or bar, and what is left."""
    done: list[str] = []
    now = [""]
    while text:
        head, text = text[0], text[1:]
        if head in ")]":
            text = head + text
            break
        if head == "|":
            done.extend(now)
            now = [""]
            continue
        options = [head]
        if head in "([":
            options, text = _choices(text, rules, limit)
            text = text[1:]
            if head == "[":
                options = [*options, ""]
        elif head == "<":
            name, _, text = text.partition(">")
            if any(mark in rules.get(name, "") for mark in "*~"):
                return [], "*"
            options, _ = _choices(rules.get(name, ""), rules, limit)
        now = [a + b for a in now for b in options][:limit]
    return (done + now)[:limit], text
