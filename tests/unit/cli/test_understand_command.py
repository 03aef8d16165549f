"""`ivr understand`: the row stream others build on, and one sentence explained."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from ivr.audio import wav
from ivr.cli.main import cli
from ivr.cli.understand import row
from tests.fakes.editions import ROOT, shipped_edition

pytestmark = pytest.mark.unit

FACE = ["id", "heard", "category", "subtype", "severity", "slots", "confidence", "next"]
FACE += ["candidates"]  # design section 4
ESTATE = str(ROOT / "playbooks" / "estates" / "sample.yaml")


def rows(given: str | bytes, *words: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(cli, ["understand", "--jsonl", *words], input=given)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def one(**asked: Any) -> dict[str, Any]:
    return row(json.dumps(asked).encode(), shipped_edition().lexicon, None, no_ears)


def no_ears() -> Any:
    raise AssertionError("a text row loaded the recogniser")


def test_rows_come_back_in_order_with_the_face_of_the_design() -> None:
    given = [{"id": 1, "text": "三栋二单元十二楼着火了"}, {"id": "b", "lang": "en", "text": "fire"}]
    first, second = rows("\n".join(json.dumps(g) for g in given))
    assert list(first) == FACE
    assert (first["id"], second["id"]) == (1, "b")
    assert first["slots"] == {"building": "3", "unit": "2", "floor": "12"}
    assert first["category"] == second["category"] == "fire"
    assert first["severity"] == "critical"
    assert first["subtype"] is None


def test_a_bad_row_is_answered_and_the_rest_go_on() -> None:
    given = b'no json\n[1]\n\n{"id":3}\n{"id":4,"text":5}\n\xff\n{"id":6,"text":"\xe7\x81\xab"}\n'
    answers = rows(given)
    assert [a["id"] for a in answers] == [None, None, 3, 4, None, 6]
    assert [sorted(a) == ["error", "id"] for a in answers] == [True] * 5 + [False]


@pytest.mark.parametrize("lang", ["fr", 5, ["zh"], {}])
def test_an_unknown_language_is_an_error_of_its_row(lang: object) -> None:
    assert "lang" in one(id=1, lang=lang, text="喂")["error"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "火" * 10_000,
        "🔥😱",
        "\ud83d",
        "失火了,電梯",
        "<b>'; DROP x; --",
        "Пожар",
        "1\u0000",
    ],
)
def test_any_text_gets_an_answer(text: str) -> None:
    answer = one(id=1, text=text)
    assert list(answer) == FACE
    assert answer["next"] in ("act", "clarify", "menu")
    assert len(answer["candidates"]) <= 3
    assert 0 <= answer["confidence"] <= 1


def test_half_a_surrogate_pair_does_not_break_the_stream() -> None:
    first, second = rows('{"id":"\\ud83d","text":"\\ud83d"}\n{"id":2,"text":"hello"}\n')
    assert (first["id"], second["id"]) == ("\ud83d", 2)


def test_people_are_a_number() -> None:
    assert one(id=1, text="着火了,我们有三个人在屋里出不来")["slots"]["people"] == 3


def test_places_are_repaired_to_an_estate_only_when_one_is_given() -> None:
    given = '{"id":1,"text":"三栋二单元九十九楼着火了"}'
    (plain,), (repaired,) = rows(given), rows(given, "--estate", ESTATE)
    assert plain["slots"].get("floor") == "99"
    assert repaired["slots"].get("floor") != "99"


def test_a_missing_recording_is_an_error_of_its_row(tmp_path: Path) -> None:
    answer = row(
        json.dumps({"id": 1, "path": str(tmp_path / "no.wav")}).encode(),
        shipped_edition().lexicon,
        None,
        _deaf,
    )
    assert list(answer) == ["id", "error"]


def _deaf() -> Any:
    from tests.unit.evaluation.test_judging import Says

    return Says("电梯困人了")


def test_a_recording_is_heard_and_understood(tmp_path: Path) -> None:
    wav.save(tmp_path / "a.wav", np.zeros(8000, dtype=np.int16))
    asked = json.dumps({"id": 1, "path": str(tmp_path / "a.wav")}).encode()
    answer = row(asked, shipped_edition().lexicon, None, _deaf)
    assert (answer["heard"], answer["category"]) == ("电梯困人了", "lift")


def test_one_sentence_is_explained_to_a_person() -> None:
    done = CliRunner().invoke(cli, ["understand", "--sentence", "三栋着火了"])
    assert done.exit_code == 0
    assert "fire" in done.output
    assert "building=3" in done.output
    assert "着火" in done.output


def test_neither_rows_nor_a_sentence_is_a_question_of_usage() -> None:
    assert CliRunner().invoke(cli, ["understand"]).exit_code == 2
