"""Reads a YAML text into a pydantic model; every complaint names file, line, path and the remedy.

Core: given text, returns data. Opening files is the shell's business.
"""

from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where the wheel has it: ten times faster, the same data."""


class BrokenDocument(ValueError):
    """A data file of ours is wrong; the message is for the person who edits it."""

    def __init__(self, file: str, line: int, path: str, problem: str) -> None:
        self.file, self.line, self.path, self.problem = file, line, path, problem
        super().__init__(f"{file}, line {line}, {path}: {problem}")


def parse(text: str, file: str) -> Any:
    """Return the plain data of a YAML text.

    Raises:
        BrokenDocument: not YAML at all (the line is where the parser gave up), or a key that
            stands twice in one mapping: YAML would silently drop the first.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        _refuse_doubles(node, file)
        return None if node is None else loader.construct_document(node)
    except BrokenDocument:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BrokenDocument(file, line, "$", f"not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BrokenDocument(file, 1, "$", f"not valid YAML: {error}") from error
    except ValueError as error:  # a date of a thirteenth month
        raise BrokenDocument(file, 1, "$", f"a value cannot be: {error}") from error
    finally:
        loader.dispose()


def _refuse_doubles(root: yaml.Node | None, file: str) -> None:
    """Every mapping is looked at once, however often an alias names it."""
    todo, seen = [root], set[int]()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
        elif isinstance(node, yaml.MappingNode):
            first: dict[tuple[str, str], int] = {}
            for key, value in node.value:
                line, name = key.start_mark.line + 1, (key.tag, str(key.value))
                if name in first:
                    problem = f"stands twice (first in line {first[name]}); keep one"
                    raise BrokenDocument(file, line, f"$..{key.value}", problem)
                first[name] = line
                todo.append(value)


def read(text: str, file: str, model: type[M]) -> M:
    """Return the checked document.

    Raises:
        BrokenDocument: the first complaint, with the line of the offending value.
    """
    data = parse(text, file)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        path = tuple(first["loc"])
        spelled = "$" + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)
        raise BrokenDocument(file, line_of(text, path), spelled, _remedy(first)) from error


def line_of(text: str, path: tuple[int | str, ...]) -> int:
    """Line (from 1) of the deepest value of `path` that exists in the text."""
    node = yaml.compose(text, Loader=_Loader)
    line = 1
    for part in path:
        child = _child(node, part)
        if child is None:
            break
        node = child
        line = node.start_mark.line + 1
    return line


def _child(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value  # type: ignore[no-any-return]
    return None


def _remedy(error: Any) -> str:
    given = error.get("input")
    shown = f" (found {given!r})" if isinstance(given, str | int | float | bool) else ""
    match error["type"]:
        case "extra_forbidden":
            return "unknown key; remove it or correct its spelling"
        case "missing":
            return "required and missing; add it"
        case _:
            return f"{error['msg']}{shown}"
