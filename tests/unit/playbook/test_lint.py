"""What no schema sees: each mistake is found, and told with a remedy."""

import pytest

from ivr.playbook.library import compile_library
from ivr.playbook.lint import lint
from tests.unit.playbook.broken import broken, shipped

pytestmark = pytest.mark.unit

FIRE = "playbooks/fire.yaml"
COMMON = "playbooks/_common.yaml"
ZH = "prompts/zh/fire.yaml"
MISTAKES = [
    pytest.param(
        FIRE, "  - {say: [FIRE-L1]}\n", "", "every caller hears a first line", id="no default"
    ),
    pytest.param(
        FIRE,
        "  - {say: [FIRE-L22], when: {burning_item: gas_bottle}}\n",
        "  - {say: [FIRE-L22]}\n",
        "never reached",
        id="unreachable",
    ),
    pytest.param(
        FIRE,
        "release: [FIRE-L9]",
        "release: [FIRE-L99]",
        "no playbook holds the line FIRE-L99",
        id="line",
    ),
    pytest.param(
        FIRE,
        "ask: FIRE-Q4",
        "ask: FIRE-Q44",
        "no playbook holds the question FIRE-Q44",
        id="question",
    ),
    pytest.param(
        FIRE, 'hot_handle: "yes"', 'hot_hanle: "yes"', "hot_hanle is not in facts.yaml", id="fact"
    ),
    pytest.param(
        FIRE, "smoke: thick", "smoke: dense", "'dense'; it is one of thick, light, no", id="value"
    ),
    pytest.param(
        FIRE, ", keys: [{line: K-03, place: true}]}", "}", "answered by keys", id="no keys"
    ),
    pytest.param(
        FIRE, "line: FIRE-K6,", "line: FIRE-K66,", "FIRE-K66 that explains its keys", id="keys line"
    ),
    pytest.param(
        FIRE,
        '"1": {fire_part: kitchen}',
        '"1": {fire_prt: kitchen}',
        "fire_prt is not in facts.yaml",
        id="keys fact",
    ),
    pytest.param(
        FIRE,
        "unanswered: {can_evacuate: unsure}",
        "unanswered: {can_evacuate: perhaps}",
        "cannot be 'perhaps'",
        id="unanswered",
    ),
    pytest.param(
        FIRE,
        "category: fire",
        "category: lift",
        "category lift is fire's already",
        id="category twice",
    ),
    pytest.param(FIRE, 'key: "1"', 'key: "2"', "menu key 2 is", id="key twice"),
    pytest.param(
        ZH, "FIRE-L5: 湿布堵住门缝。\n", "", "every line needs both languages", id="one language"
    ),
    pytest.param(
        ZH,
        "FIRE-L5: 湿布堵住门缝。",
        "FIRE-L5: 湿布堵住门缝,然后到窗边去,挥动亮色的布大声呼救。",
        "at most 20",
        id="too long",
    ),
    pytest.param(
        ZH,
        "FIRE-L5: 湿布",
        "FIRE-L77: 没有依据。\nFIRE-L5: 湿布",
        "nothing backs it",
        id="unbacked text",
    ),
    pytest.param(
        ZH, "FIRE-L5: 湿布堵住门缝。", "FIRE-L5: 先灭火,再报警。", "OVR-01", id="forbidden"
    ),
    pytest.param(
        "prompts/en/fire.yaml",
        "Use the stairs, not the lift.",
        "Help is ON THE WAY.",
        "safety 3.3.2",
        id="a promise",
    ),
    pytest.param(
        COMMON, "greeting: [G-01]", "greeting: []", "name the lines spoken for it", id="phrase"
    ),
    pytest.param(
        COMMON,
        "greeting: [G-01]",
        "greeting: [G-99]",
        "no playbook holds the line G-99",
        id="phrase line",
    ),
    pytest.param(COMMON, "  transfer_s: 10 ", "  transfr_s: 10 ", "give seconds", id="timing"),
    pytest.param(
        COMMON, "fallback: other", "fallback: others", "no playbook 'others'", id="fallback"
    ),
    pytest.param(
        COMMON,
        "playbook: false_alarm, when",
        "playbook: falsealarm, when",
        "no playbook 'falsealarm'",
        id="diversion",
    ),
    pytest.param(
        COMMON,
        'coerced: "yes"',
        'corced: "yes"',
        "corced is not in facts.yaml",
        id="diversion fact",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "remedy"), MISTAKES)
def test_the_mistake_is_found(file: str, old: str, new: str, remedy: str) -> None:
    problems = [str(problem) for problem in lint(compile_library(broken(file, old, new)))]
    assert any(remedy in problem for problem in problems), problems[:5]
    assert all(problem.split(",")[0].startswith(("playbooks/", "prompts/")) for problem in problems)


def test_the_shipped_edition_is_whole() -> None:
    assert lint(compile_library(shipped())) == []


@pytest.mark.parametrize(
    ("cut", "remedy"),
    [("alerts:", "nobody is alerted"), ("release", "no step ends the call")],
)
def test_a_playbook_that_alerts_nobody_or_never_ends_is_found(cut: str, remedy: str) -> None:
    text = shipped()["playbooks/enquiry.yaml"]
    if cut == "alerts:":
        start, end = text.index("alerts:"), text.index("tasks:")
        text = text[:start] + text[end:]
    else:
        text = "".join(x for x in text.splitlines(keepends=True) if "- {release" not in x)
    files = {**shipped(), "playbooks/enquiry.yaml": text}
    assert any(remedy in str(problem) for problem in lint(compile_library(files)))
