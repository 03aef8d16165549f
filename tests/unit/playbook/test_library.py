"""A broken file is refused with its name, line, path and what would be right."""

import pytest

from ivr.documents import BrokenDocument
from ivr.playbook.library import compile_library, revision_of
from tests.unit.playbook.broken import broken, line_with, shipped

pytestmark = pytest.mark.unit

FIRE = "playbooks/fire.yaml"
COMMON = "playbooks/_common.yaml"
BROKEN = [
    pytest.param(FIRE, "severity: high", "severity: [high", "$", "not valid YAML", id="not YAML"),
    pytest.param(FIRE, "severity: high", "severity: urgent", "$.severity", "critical", id="enum"),
    pytest.param(
        FIRE,
        "severity: high",
        "severity: high\nsevrity: low",
        "$.sevrity",
        "unknown key",
        id="typo",
    ),
    pytest.param(
        FIRE, "\nsource: 应急", "\n# source: 应急", "$.source", "missing; add", id="missing"
    ),
    pytest.param(
        FIRE,
        "- {ask: FIRE-Q1}",
        "- {ask: FIRE-Q1, say: [FIRE-L1]}",
        "$.steps",
        "exactly one of",
        id="two actions",
    ),
    pytest.param(
        FIRE, '{home_clear: "yes"}', "{home_clear: yes}", "$.first", "in quotes", id="a bare yes"
    ),
    pytest.param(
        FIRE, "every_s: 15", "every_s: 45", "$.steps", "less than or equal to 30", id="silence"
    ),
    pytest.param(
        FIRE,
        "FIRE-L5: {clauses: [FIRE-B4], when",
        "FIRE-L5: {when",
        "$.lines.FIRE-L5",
        "that back this line",
        id="unbacked",
    ),
    pytest.param(
        FIRE,
        "roles: [security, control_room, fire_officer]",
        "roles: []",
        "$.alerts",
        "at least 1",
        id="no roles",
    ),
    pytest.param(FIRE, "within_s: 25", "within_s: -1", "$.limits", "greater than 0", id="limit"),
    pytest.param(
        COMMON, "alert_by_s: 55", "alert_by_s: soon", "$.timing.alert_by_s", "number", id="timing"
    ),
    pytest.param(
        COMMON,
        "act: person",
        "act: shout",
        "$.silence",
        "'say', 'person' or 'end'",
        id="silence act",
    ),
    pytest.param(
        "playbooks/facts.yaml",
        "means: smoke}",
        "mean: smoke}",
        "$.smoke",
        "missing; add",
        id="facts",
    ),
    pytest.param(
        "prompts/zh/fire.yaml",
        "FIRE-L5: 湿布堵住门缝。",
        "FIRE-L5: ''",
        "$.FIRE-L5",
        "text in quotes",
        id="empty prompt",
    ),
    pytest.param(
        "prompts/zh/fire.yaml",
        "FIRE-L5: 湿布",
        "LIFT-L1: 湿布",
        "$.LIFT-L1",
        "stands twice",
        id="two texts",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "path", "remedy"), BROKEN)
def test_a_broken_file_is_named_with_its_remedy(
    file: str, old: str, new: str, path: str, remedy: str
) -> None:
    with pytest.raises(BrokenDocument) as caught:
        compile_library(broken(file, old, new))
    error = caught.value
    assert remedy in str(error)
    assert error.path.startswith(path) or path in str(error)
    assert error.line >= 1
    told_at = error.file if error.file != "prompts/zh/lift.yaml" else file
    assert told_at == file


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("severity: high", "severity: urgent", "severity: high"),
        ("every_s: 15", "every_s: 45", "every_s: 15"),
        ("within_s: 25", "within_s: -1", "within_s: 25"),
    ],
)
def test_the_line_is_the_line_of_the_mistake(old: str, new: str, words: str) -> None:
    with pytest.raises(BrokenDocument) as caught:
        compile_library(broken(FIRE, old, new))
    assert caught.value.line == line_with(FIRE, words)


def test_the_revision_changes_with_any_text_and_with_nothing_else() -> None:
    again = dict(reversed(shipped().items()))
    assert revision_of(again) == revision_of(shipped())
    other = broken("prompts/en/fire.yaml", "Get away", "Go away")
    assert revision_of(other) != revision_of(shipped())


def test_a_missing_table_is_named() -> None:
    files = {name: text for name, text in shipped().items() if "forbidden" not in name}
    with pytest.raises(BrokenDocument, match=r"playbooks/forbidden\.yaml"):
        compile_library(files)


def test_lines_and_questions_are_found_across_playbooks() -> None:
    library = compile_library(shipped())
    assert library.line("none such") is None
    with pytest.raises(KeyError):
        library.question("none such")
    with pytest.raises(KeyError):
        library.of_category("none such")
    assert library.clauses_of("none such") == ()
