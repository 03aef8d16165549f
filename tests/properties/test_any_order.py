"""Whatever happens, in whatever order: what must hold for every call (design section 1)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ivr.call.journal import decode, encode
from ivr.dialog import effects as fx
from ivr.dialog import events as ev
from ivr.dialog.draft import ANSWER, COMPANY, KEYS, LIMIT, SILENCE
from ivr.dialog.engine import advance, new_dialog
from ivr.dialog.facts import playbook_of, quiet
from ivr.dialog.state import Phase
from ivr.incident.model import CallId, HeardBy, Place
from ivr.playbook import model as m
from tests.fakes.stage import CALL, NOON, Stage, shipped_edition

pytestmark = pytest.mark.calls

EDITION = shipped_edition()
TIMERS = (ANSWER, COMPANY, KEYS, LIMIT, SILENCE, "alert_by", "never heard of")
ENDS_SILENCE = {ANSWER, COMPANY, KEYS, SILENCE}
WORDS = (
    *(
        "厨房着火了",
        "着火了,楼道全是浓烟,我出不去",
        "火已经灭了",
        "我被困在电梯里了",
        "电梯里面有烟,我困在里面",
    ),
    *(
        "家里有煤气味,好浓",
        "我已经出来了,屋里漏煤气",
        "全家人头晕恶心,热水器开着",
        "我爸没有呼吸了,叫不醒",
    ),
    *(
        "有人触电了",
        "小区里两辆车撞了,有人受伤",
        "我被反锁在屋里出不去",
        "我爸一个人在家,敲门没人应",
    ),
    *(
        "我家厨房水管漏水",
        "有贼在我家里,我躲在厕所",
        "我家被偷了",
        "有人拿刀砍人",
        "邻居骂我,跟我吵架",
    ),
    *(
        "刚才的火灭了没有,情况怎么样",
        "救命啊快来人",
        "我不想活了",
        "快递怎么取",
        "搞错了,没有着火,误报",
    ),
    *(
        "你敢报警,把电话挂了",
        "三栋二单元十二楼",
        "不对,是四栋",
        "不对",
        "对",
        "没有",
        "有",
        "不知道",
        "出得去",
    ),
    *(
        "三个人",
        "再说一遍",
        "我要转人工",
        "嗯嗯那个啥",
        "这个这个",
        "English please",
        "my kitchen is on fire",
    ),
    *("I'm stuck in the lift", "no", "yes", "说中文", "。", "\u0000", "😀" * 40, "啊" * 400),
)
PLACE = Place(building="3", unit="2", floor="12", room="1204")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens; `what` is a method of `Call`."""

    what: str
    how: Any = None


def acts() -> st.SearchStrategy[Act]:
    words = st.sampled_from(WORDS)
    return st.one_of(
        st.builds(Act, st.just("says"), words),
        st.builds(Act, st.just("says"), words),
        st.builds(Act, st.just("interrupts"), words),
        st.builds(Act, st.just("half_says"), words),
        st.builds(Act, st.just("presses"), st.text("0123456789*#", min_size=1, max_size=9)),
        st.builds(Act, st.just("waits"), st.sampled_from([0.1, 2.5, 6.5, 16.0, 61.0])),
        st.sampled_from([Act("noise"), Act("starts_to_speak"), Act("hears_out")]),
        st.sampled_from([Act("alert"), Act("acknowledged"), Act("resumed"), Act("started_again")]),
        st.builds(Act, st.just("transfer_ended"), st.booleans()),
        st.builds(Act, st.just("fails"), st.sampled_from(["ears", "voice", "database"])),
        st.builds(Act, st.just("timer"), st.sampled_from(TIMERS)),
        st.builds(Act, st.just("finished"), st.sampled_from(["FIRE-L1", "place", "none such"])),
        st.builds(Act, st.just("hangs_up"), st.booleans()),
    )


def beginnings() -> st.SearchStrategy[dict[str, Any]]:
    running = (ev.Running("fire", PLACE), ev.Running("gas_leak", Place(), same_caller=True))
    return st.fixed_dictionaries(
        {
            "caller": st.sampled_from([None, "+8613800000001"]),
            "home": st.sampled_from([None, PLACE]),
            "running": st.sampled_from([(), running, running[:1]]),
            "test": st.sampled_from([False, False, False, True]),
            "intercom": st.sampled_from([None, None, PLACE]),
            "recorded": st.booleans(),
            "lang": st.sampled_from(["zh", "en"]),
        }
    )


class Call(Stage):
    """A stage that checks after every event what must always hold."""

    def __init__(self) -> None:
        super().__init__(EDITION)
        self.heard_something = False
        self.speaking_now = False
        self.accepted = False
        self.acknowledged_by: str | None = None
        self.hung_up = False

    def do(self, act: Act) -> None:
        match act.what:
            case "says":
                self.says(act.how)
            case "interrupts":
                self.interrupts(act.how)
            case "half_says":
                self.interrupts(act.how, final=False)
            case "presses":
                self.presses(act.how)
            case "waits":
                self.speaking_now = False
                self.happen(ev.UtteranceHeard(self.at, ""))
                self.wait(act.how)
            case "noise":
                self.says("")
            case "hears_out":
                self.hear_out()
            case _:
                self.happen(self.event(act))

    def event(self, act: Act) -> ev.Event:
        at = self.at
        return {
            "starts_to_speak": lambda: ev.SpeechStarted(at),
            "alert": lambda: ev.AlertAccepted(at),
            "acknowledged": lambda: ev.IncidentAcknowledged(at, "王强"),
            "resumed": lambda: ev.LineResumed(at),
            "started_again": lambda: ev.CallStarted(at, CALL, None),
            "transfer_ended": lambda: ev.TransferEnded(at, act.how),
            "fails": lambda: ev.PartFailed(at, act.how),
            "timer": lambda: ev.TimerFired(at, act.how),
            "finished": lambda: ev.PromptFinished(at, act.how, HeardBy.PART),
            "hangs_up": lambda: ev.CallerHungUp(at, act.how),
        }[act.what]()

    def happen(self, event: ev.Event) -> list[fx.Effect]:
        before, hung_up = self.dialog, self.hung_up
        was_transferring = before.phase is Phase.TRANSFERRING
        if isinstance(event, ev.AlertAccepted):
            self.accepted = True
        if isinstance(event, ev.IncidentAcknowledged):
            self.acknowledged_by = event.by
        self._remember(event, was_over=before.phase is Phase.ENDED)
        effects = super().happen(event)
        self.hung_up = self.hung_up or any(isinstance(e, fx.HangUp) for e in effects)
        self._check_words(event, effects, silent=hung_up)
        if was_transferring and not isinstance(event, ev.TransferEnded):
            assert not lines_of(effects), "spoke into a transfer"
        self._check_reports(effects)
        self._check_not_silent_for_ever()
        return effects

    def _remember(self, event: ev.Event, *, was_over: bool) -> None:
        if isinstance(event, ev.SpeechStarted):
            self.speaking_now = True
        if isinstance(event, ev.UtteranceHeard) and event.final:
            self.speaking_now = False
        said = isinstance(event, ev.UtteranceHeard) and event.final and event.text.strip()
        if not was_over and (said or isinstance(event, ev.KeyPressed)):
            self.heard_something = True

    def _check_words(self, event: ev.Event, effects: list[fx.Effect], *, silent: bool) -> None:
        lines = lines_of(effects)
        assert not (silent and lines), f"{lines} said after HangUp"
        for effect in effects:
            if isinstance(effect, fx.Say):
                assert effect.line in EDITION.library.texts[effect.lang]
        assert "G-06" not in lines or self.accepted
        assert "G-07" not in lines or self.acknowledged_by
        if quiet(self.dialog, EDITION):
            assert set(lines) <= own_lines(playbook_of(self.dialog, EDITION)) | {"place"}, lines

    def _check_reports(self, effects: list[fx.Effect]) -> None:
        opened = [e for e in self.effects if isinstance(e, fx.OpenIncident)]
        assert len(opened) <= 1
        written = [e for e in self.effects if isinstance(e, fx.OpenIncident | fx.AmendIncident)]
        assert not written or written[0] is opened[0]
        if len(self.reports) > 1:
            old, new = self.reports[-2], self.reports[-1]
            assert {a.key for a in old.alerts} <= {a.key for a in new.alerts}
            assert {t.key for t in old.tasks} <= {t.key for t in new.tasks}
            assert new.severity.rank <= old.severity.rank
        late = self.now > 60 and self.heard_something and not self.dialog.test
        assert not late or self.reports, "a minute has passed and nobody is alerted"

    def _check_not_silent_for_ever(self) -> None:
        over = self.dialog.phase in (Phase.ENDED, Phase.TRANSFERRING)
        waiting = ENDS_SILENCE & (self.running.keys() | self.held.keys())
        assert over or self.queue or self.speaking_now or waiting, "silence for ever"


def lines_of(effects: list[fx.Effect]) -> list[str]:
    return [
        e.line if isinstance(e, fx.Say) else "place"
        for e in effects
        if isinstance(e, fx.Say | fx.SayPlace)
    ]


def own_lines(book: m.Playbook) -> set[str]:
    named = {line for first in book.first for line in first.say}
    for step in book.steps:
        match step:
            case m.AskStep():
                named |= {step.question, step.line or ""}
            case _:
                named |= set(step.lines)
    keys = {part.line for q in book.questions.values() for part in q.parts}
    return named | keys | set(book.lines) | set(book.questions)


SETTINGS = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def played(about: dict[str, Any], story: list[Act]) -> Call:
    call = Call()
    call.start(**about)
    for act in story:
        call.do(act)
    return call


UNKNOWN_CALLER: dict[str, Any] = {"caller": None}
INSIDE_GAS = Act("says", "家里有煤气味,好浓")


@SETTINGS
@given(about=beginnings(), story=st.lists(acts(), max_size=14))
@example(about=UNKNOWN_CALLER, story=[INSIDE_GAS, Act("presses", "0"), Act("waits", 2.5)])
@example(about=UNKNOWN_CALLER, story=[INSIDE_GAS, Act("says", "不对,是四栋")])
@example(about=UNKNOWN_CALLER, story=[Act("presses", "00"), Act("timer", COMPANY)])
def test_every_call_keeps_its_promises(about: dict[str, Any], story: list[Act]) -> None:
    call = played(about, story)
    if not call.ended:
        call.happen(ev.CallerHungUp(call.at, dropped=True))
    if call.heard_something and not call.dialog.test:
        assert call.reports, "words or keys, and no incident"


@SETTINGS
@given(about=beginnings(), story=st.lists(acts(), max_size=10))
def test_the_journal_brings_the_same_call_back(about: dict[str, Any], story: list[Act]) -> None:
    call = played(about, story)
    again, effects = new_dialog(CALL, NOON), []
    for event in call.events:
        step = advance(again, decode(encode(event)), EDITION)
        again = step.dialog
        effects += step.effects
    assert effects == call.effects
    assert again == call.dialog


def _one(kind: type) -> st.SearchStrategy[Any]:
    times = st.integers(1, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
    return st.builds(kind, at=times) if kind is not ev.CallStarted else started(times)


def started(times: st.SearchStrategy[datetime]) -> st.SearchStrategy[ev.CallStarted]:
    return st.builds(ev.CallStarted, at=times, call=st.builds(CallId, st.text()))


@pytest.mark.parametrize("kind", get_args(ev.Event), ids=lambda kind: kind.__name__)
def test_every_event_survives_the_journal(kind: type) -> None:
    @settings(max_examples=30, deadline=None)
    @given(event=_one(kind))
    def back_and_forth(event: ev.Event) -> None:
        assert decode(encode(event)) == event

    back_and_forth()


@settings(max_examples=40, deadline=None)
@given(
    story=st.lists(
        st.sampled_from(["三栋二单元", "嗯嗯那个啥", "", "没有", "waits", "#", "3*2#"]), max_size=8
    ),
    home=st.sampled_from([None, PLACE]),
    caller=st.sampled_from([None, "+8613800000001"]),
)
@example(story=["waits"] * 4, home=None, caller=None)
@example(story=["", "waits", "", "waits", "", "waits"], home=None, caller=None)
def test_nobody_is_held_inside_a_gas_leak(
    story: list[str], home: Place | None, caller: str | None
) -> None:
    call = Call()
    call.start(caller=caller, home=home)
    call.says("家里有煤气味,好浓")
    began = call.now
    for what in story:
        if call.ended:
            break
        if what == "waits":
            call.wait(4)
        elif what.strip("0123456789*#") == "" and what:
            call.presses(what)
        else:
            call.says(what)
    call.wait(30)
    assert call.over_at is not None
    assert call.over_at - began <= 15


@settings(max_examples=60, deadline=None)
@given(
    story=st.lists(
        st.sampled_from(["三栋二单元", "嗯嗯那个啥", "", "没有烟", "waits", "3*2#", "我要拿东西"]),
        max_size=9,
    )
)
def test_nobody_with_a_clear_way_out_is_held_in_a_fire(story: list[str]) -> None:
    call = Call()
    call.start(caller="+8613800000001")
    call.says("厨房着火了")
    began = call.now
    call.says("出得去")
    for what in story:
        if call.ended:
            break
        if what == "waits":
            call.wait(4)
        elif what == "3*2#":
            call.presses(what)
        else:
            call.says(what)
    call.wait(30)
    assert call.over_at is not None
    assert call.over_at - began <= 25


def test_the_clock_of_the_stage_is_wound_not_real() -> None:
    call = Call()
    call.start(caller=None)
    call.wait(3600)
    assert call.at - NOON == timedelta(hours=1)
