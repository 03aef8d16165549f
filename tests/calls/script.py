"""Conversations as scripts: a YAML file of calls, played on the stage and compared word for word.

    - call: the way out is clear
      with: {caller: "+8613800000001"}         # ivr.dialog.events.CallStarted
      talk:
      - caller: 厨房着火了                       # waits for the hotline to finish, speaks 1 s
      - hotline: [FIRE-L1, FIRE-Q1]             # every line said since; none missing, none more
      - keys: "3*2*1204#"
      - ends: released

What may happen: caller, interrupts, partial, noise, keys, silence (seconds), alert, acknowledged,
transfer, fails, resumed, hangs_up. What is expected: hotline, asks, incident, ends, within.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ivr.dialog import effects as fx
from ivr.dialog import events as ev
from ivr.dialog.edition import Edition
from ivr.dialog.events import Running
from ivr.incident.model import Place
from tests.fakes.stage import Stage

EXPECTED = ("hotline", "asks", "incident", "ends", "within", "phase")
OPENING = ["G-01", "K-08"]


@dataclass(frozen=True, slots=True)
class Script:
    file: str
    name: str
    about: dict[str, Any]
    talk: list[dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"


def scripts_in(folder: Path) -> list[Script]:
    found = []
    for file in sorted(folder.glob("*.yaml")):
        for call in yaml.safe_load(file.read_text(encoding="utf-8")):
            name = f"{folder.name}/{file.stem}"
            found.append(Script(name, call["call"], call.get("with", {}), call["talk"]))
    return found


def play(script: Script, edition: Edition) -> Stage:
    """Play one script to its end.

    Raises:
        AssertionError: with the whole conversation, expected against heard.
    """
    actor = Actor(edition)
    actor.act(script)
    assert actor.wanted == actor.got, f"{script}\n{_diff(actor.wanted, actor.got)}"
    return actor.stage


def _diff(wanted: list[str], got: list[str]) -> str:
    return "\n".join(line for line in difflib.ndiff(wanted, got) if not line.startswith("?"))


def _place(given: dict[str, str] | None) -> Place | None:
    return Place(**given) if given else None


class Actor:
    """Plays the caller, the carrier and the staff of one script."""

    def __init__(self, edition: Edition) -> None:
        self.stage = Stage(edition)
        self.wanted: list[str] = []
        self.got: list[str] = []
        self.heard = 0
        """How many of the stage's spoken lines have been compared."""
        self.last_word_at = 0.0

    def act(self, script: Script) -> None:
        self._start(script.about)
        for entry in script.talk:
            ((what, how),) = entry.items()
            if what in EXPECTED:
                getattr(self, f"_expect_{what}")(how)
            else:
                self._unexpected()
                self._both(f"{what}: {how}")
                getattr(self, f"_{what}")(how)
        self._unexpected()

    def _start(self, about: dict[str, Any]) -> None:
        about = dict(about)
        opening = about.pop("opening", OPENING)
        for name in ("home", "intercom"):
            about[name] = _place(about.get(name))
        running = about.pop("running", [])
        about["running"] = tuple(
            Running(r["category"], Place(**r.get("place", {})), r.get("same_caller", False))
            for r in running
        )
        about.setdefault("caller", "+8613800000001")
        self.stage.start(**about)
        self._expect_hotline(opening)

    # ---- what happens ----------------------------------------------------------------------

    def _caller(self, text: str) -> None:
        self.stage.says(text)
        self.last_word_at = self.stage.now

    def _interrupts(self, text: str) -> None:
        self.stage.wait(0.4)
        self.stage.interrupts(text)
        self.last_word_at = self.stage.now

    def _partial(self, text: str) -> None:
        self.stage.interrupts(text, final=False)
        self.last_word_at = self.stage.now

    def _noise(self, _: object) -> None:
        self.stage.says("")

    def _keys(self, keys: str) -> None:
        self.stage.hear_out()
        self.stage.presses(str(keys))
        self.last_word_at = self.stage.now

    def _silence(self, seconds: float) -> None:
        self.stage.silent_for(seconds)

    def _alert(self, _: str) -> None:
        self.stage.happen(ev.AlertAccepted(self.stage.at))

    def _acknowledged(self, by: str) -> None:
        self.stage.happen(ev.IncidentAcknowledged(self.stage.at, by))

    def _transfer(self, how: str) -> None:
        self.stage.hear_out()
        self.stage.wait(10)
        self.stage.happen(ev.TransferEnded(self.stage.at, answered=how == "answered"))

    def _fails(self, part: str) -> None:
        self.stage.happen(ev.PartFailed(self.stage.at, part))

    def _resumed(self, _: object) -> None:
        self.stage.happen(ev.LineResumed(self.stage.at))

    def _hangs_up(self, how: str) -> None:
        self.stage.happen(ev.CallerHungUp(self.stage.at, dropped=how == "dropped"))

    # ---- what is expected --------------------------------------------------------------------

    def _both(self, line: str) -> None:
        self.wanted.append(line)
        self.got.append(line)

    def _new(self) -> list[str]:
        said = self.stage.spoken[self.heard :]
        self.heard = len(self.stage.spoken)
        return [f"    {s.line}  {s.text}" for s in said]

    def _unexpected(self) -> None:
        self.got += self._new()

    def _expect_hotline(self, lines: list[str]) -> None:
        texts = self.stage.edition.library.texts
        said = self.stage.spoken[self.heard :]
        known = {s.line: s.text for s in said if s.line != "place"}
        for line in lines:
            first, _, rest = line.partition(" ")
            text = rest or known.get(first) or texts[self.stage.dialog.lang].get(first, "?")
            self.wanted.append(f"    {first}  {text}")
        self.got += self._new()

    def _expect_asks(self, question: str | None) -> None:
        pending = self.stage.dialog.pending
        self._unexpected()
        self.wanted.append(f"  asks {question}")
        self.got.append(f"  asks {pending and (pending.question or pending.kind)}")

    def _expect_phase(self, phase: str) -> None:
        self._unexpected()
        self.wanted.append(f"  phase {phase}")
        self.got.append(f"  phase {self.stage.dialog.phase.value}")

    def _expect_ends(self, disposition: str | None) -> None:
        self._unexpected()
        ended = self.stage.dialog.disposition
        self.wanted.append(f"  ends {disposition}")
        self.got.append(f"  ends {ended and ended.value}")

    def _expect_within(self, seconds: float) -> None:
        """The caller is free so soon after what they last told us, or (a dict) since a time."""
        self._unexpected()
        over = self.stage.over_at
        held = None if over is None else over - self._classified_at()
        self.wanted.append(f"  free within {seconds} s")
        late = held is None or held > float(seconds)
        self.got.append(f"  free after {held} s" if late else f"  free within {seconds} s")

    def _classified_at(self) -> float:
        at = self.stage.dialog.classified_at
        begun = self.stage.dialog.started_at
        return (at - begun).total_seconds() if at else 0.0

    def _expect_incident(self, wanted: dict[str, Any] | None) -> None:
        self._unexpected()
        report = self.stage.reports[-1] if self.stage.reports else None
        if wanted is None or report is None:
            self.wanted.append("  incident" if wanted else "  no incident")
            self.got.append("  incident" if report else "  no incident")
            return
        for name, value in wanted.items():
            self.wanted.append(f"  {name}: {value}")
            self.got.append(f"  {name}: {_found(report, name, value)}")


def _found(report: Any, name: str, wanted: Any) -> Any:
    """What the report says to one expectation, in the expectation's own shape."""
    match name:
        case "alerts":
            return (
                {a.key: list(a.roles) for a in report.alerts}
                if isinstance(wanted, dict)
                else [a.key for a in report.alerts]
            )
        case "tasks":
            have = [t.key for t in report.tasks]
            return wanted if set(wanted) <= set(have) else have
        case "place":
            p = report.place
            return "/".join(x or "-" for x in (p.building, p.unit, p.floor, p.room, p.landmark))
        case "facts":
            return {key: report.facts.get(key) for key in wanted}
        case "told":
            return wanted if wanted in [t.line for t in report.told] else None
        case "also" | "hazards" | "unknown":
            return list(getattr(report, name))
        case "severity" | "status":
            return getattr(report, name).value
        case _:
            return getattr(report, name)


def first_line(stage: Stage) -> str | None:
    """The first line said once the kind was known."""
    at = stage.dialog.classified_at
    if at is None:
        return None
    lines = [t.line for t in stage.dialog.told if t.at >= at]
    return lines[0] if lines else None


def listens(effects: list[fx.Effect]) -> bool:
    return any(isinstance(e, fx.Listen) for e in effects)
