"""Nobody who cannot leave is left in silence; silence is a ladder; keys answer everything."""

from itertools import pairwise

import pytest

from ivr.dialog import effects as fx
from ivr.dialog import events as ev
from tests.calls.test_first_lines import SHARED
from tests.fakes.stage import Stage, shipped_edition

pytestmark = pytest.mark.calls

LONGEST_SILENCE_S = 30
EDITION = shipped_edition()


def staying(*turns: str) -> Stage:
    stage = Stage(EDITION)
    stage.start(caller="+8613800000001")
    for turn in turns:
        if turn.strip("0123456789*#"):
            stage.says(turn)
        else:
            stage.hear_out()
            stage.presses(turn)
    assert stage.dialog.phase == "staying"
    return stage


def longest_silence(stage: Stage, since: float) -> float:
    spoken = [s for s in stage.spoken if s.until >= since]
    pairs = pairwise(spoken)
    return max([later.at - earlier.until for earlier, later in pairs], default=0.0)


WHO_CANNOT_LEAVE = [
    pytest.param(("2", "3*2#", "3#", "2", "4", "8#", "5#"), id="in a lift"),
    pytest.param(("着火了,楼道全是浓烟,我出不去", "五栋一单元十五楼", "两个人"), id="behind smoke"),
    pytest.param(
        ("我被反锁在家里了,我想从阳台爬出去", "三栋二单元八零二", "就我一个人", "2"),
        id="locked in alone",
    ),
    pytest.param(
        ("有人晕倒了叫不醒,120一直占线打不通", "没反应", "三栋二单元"), id="compressing a chest"
    ),
]


@pytest.mark.parametrize("turns", WHO_CANNOT_LEAVE)
def test_a_voice_at_least_every_thirty_seconds_for_as_long_as_nobody_comes(
    turns: tuple[str, ...],
) -> None:
    stage = staying(*turns)
    began = stage.now
    stage.silent_for(600)
    assert longest_silence(stage, began) <= LONGEST_SILENCE_S
    stage.silent_for(2 * 3600)
    assert longest_silence(stage, began) <= LONGEST_SILENCE_S
    assert stage.now - stage.spoken[-1].until <= LONGEST_SILENCE_S
    assert not stage.ended


def test_company_goes_on_after_every_word_of_the_caller() -> None:
    stage = staying("2", "3*2#", "3#", "2", "4", "8#", "5#")
    began = stage.now
    for words in ("你还在吗", "", "嗯嗯那个啥", "好怕", ""):
        stage.says(words)
        stage.wait(29)
    stage.presses("7")
    stage.wait(60)
    assert longest_silence(stage, began) <= LONGEST_SILENCE_S


@pytest.mark.parametrize("book", list(EDITION.library.playbooks.values()), ids=lambda b: b.name)
def test_no_playbook_is_written_with_a_longer_silence(book: object) -> None:
    stays = [s for s in getattr(book, "steps", ()) if hasattr(s, "every_s")]
    assert all(step.every_s <= LONGEST_SILENCE_S for step in stays)


def test_the_ladder_of_silence_is_five_nine_fourteen() -> None:
    stage = Stage(EDITION)
    stage.start(caller=None)
    stage.hear_out()
    quiet_since = stage.now
    when: dict[str, float] = {}
    while stage.dialog.phase != "transferring" and stage.now - quiet_since < 60:
        stage.wait(0.1)
        for spoken in stage.spoken[2:]:
            when.setdefault(spoken.line, round(spoken.at - quiet_since, 1))
    said = dict(zip(when, when.values(), strict=True))
    lengths = {s.line: s.until - s.at for s in stage.spoken}
    assert said["SIL-L1"] == 5.0
    assert said["SIL-L2"] == pytest.approx(9.0 + lengths["SIL-L1"], abs=0.11)
    assert said["SIL-L3"] == pytest.approx(14.0 + lengths["SIL-L1"] + lengths["SIL-L2"], abs=0.21)
    assert stage.reports


def test_again_is_slower() -> None:
    stage = Stage(EDITION)
    stage.start(caller="+8613800000001")
    stage.says("我被困在电梯里了")
    stage.hear_out()
    said = [e for e in stage.happen(ev.KeyPressed(stage.at, "*")) if isinstance(e, fx.Say)]
    assert [say.line for say in said] == ["LIFT-L1", "LIFT-L3", "LIFT-Q1"]
    assert all(say.slow for say in said)


def test_zero_waits_for_two_quiet_seconds_so_that_a_room_may_begin_with_it() -> None:
    stage = Stage(EDITION)
    stage.start(caller="+8613800000001")
    stage.says("我被困在电梯里了")
    stage.hear_out()
    stage.presses("0")
    stage.wait(1.9)
    assert stage.dialog.phase == "playbook"
    stage.wait(0.2)
    assert stage.dialog.phase == "transferring"


QUESTIONS = [q for book in EDITION.library.playbooks.values() for q in book.questions.values()]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_every_question_can_be_answered_by_keys(question: object) -> None:
    parts = getattr(question, "parts", ())
    assert parts
    for part in parts:
        assert part.keys or part.number or part.place
        assert all(len(key) == 1 and key in "123456789" for key in part.keys)


def test_the_enquiry_is_answered_in_the_plans_own_words() -> None:
    words = "火情正在调查中,请保持冷静,如果需要采取其它措施,我们将会用紧急广播通知您。"
    assert EDITION.library.texts["zh"]["ENQ-L2"] == words


def test_the_enquiry_sentence_stands_in_the_plan_itself() -> None:
    plan = SHARED / "plan" / "plan.zh.txt"
    if not plan.exists():
        pytest.skip("plan/plan.zh.txt is not beside this repository (IVR_SHARED)")
    own = EDITION.library.texts["zh"]["ENQ-L2"].rstrip("。")
    assert own.encode() in plan.read_bytes()


def test_good_news_is_told_only_when_it_is_true() -> None:
    stage = staying("2", "3*2#", "3#", "2", "4", "8#", "5#")
    stage.silent_for(60)
    lines = [s.line for s in stage.spoken]
    assert "G-06" not in lines
    assert "G-07" not in lines
    stage.happen(ev.AlertAccepted(stage.at))
    stage.happen(ev.IncidentAcknowledged(stage.at, "李工"))
    stage.happen(ev.AlertAccepted(stage.at))
    assert [s.line for s in stage.spoken if s.line in ("G-06", "G-07")] == ["G-06", "G-07"]


def test_nothing_is_recorded_without_a_notice_and_no_notice_without_a_recording() -> None:
    for recorded in (True, False):
        stage = Stage(EDITION)
        stage.start(caller="+8613800000001", recorded=recorded)
        stage.says("我被困在电梯里了")
        stage.says("三栋二单元")
        assert ("G-02" in [s.line for s in stage.spoken]) is recorded
