"""Who is on duty."""

from datetime import UTC, datetime

import pytest

from ivr.documents import BrokenDocument
from ivr.escalation.roster import answering, on_call, read_roster
from tests.fakes.alerting import NOON, PLAYBOOKS, ROSTER, shipped_policy, small_roster

pytestmark = pytest.mark.unit

NIGHTS = (
    ROSTER
    + """
  patrol:
    - {people: [wang], days: [mon, tue], from: "20:00", until: "08:00"}
overrides:
  - {role: control_room, people: [boss], from: 2026-11-23T11:00:00, until: 2026-11-23T13:00:00}
"""
)


def local(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour - 8 if hour >= 8 else hour + 16, tzinfo=UTC).replace(
        day=day if hour >= 8 else day - 1
    )


@pytest.mark.parametrize(
    ("day", "hour", "there"),
    [(23, 21, True), (24, 7, True), (24, 8, False), (25, 7, True), (25, 21, False), (23, 7, False)],
)
def test_a_night_shift_belongs_to_the_day_it_starts_on(day: int, hour: int, there: bool) -> None:
    roster = small_roster(NIGHTS)  # 23 November 2026 is a Monday
    assert bool(on_call(roster, "patrol", local(day, hour))) is there


def test_an_override_replaces_the_shift_while_it_lasts() -> None:
    roster = small_roster(NIGHTS)
    assert [p.id for p in on_call(roster, "control_room", NOON)] == ["boss"]
    assert [p.id for p in on_call(roster, "control_room", NOON.replace(hour=5))] == ["li"]


def test_an_empty_role_goes_to_the_next_one_and_says_which_were_skipped() -> None:
    duty = answering(small_roster(), shipped_policy(), "fire_officer", NOON)
    assert (duty.role, duty.skipped) == ("control_room", ("fire_officer",))
    nobody = small_roster().__class__(small_roster().zone, {}, {}, ())
    assert answering(nobody, shipped_policy(), "security", NOON).people == ()


def test_a_person_without_the_wanted_means_is_reached_by_what_they_have() -> None:
    boss = small_roster().people["boss"]
    assert [contact.channel for contact in boss.by(("card",))] == ["ring"]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        (
            "[{people: [wang]}]",
            "[{people: [wong]}]",
            22,
            r"\$\.roles\.security\[0\]\.people: 'wong'",
        ),
        ("zone: Asia/Shanghai", "zone: Mars/Base", 2, "unknown time zone"),
        ("[{people: [li]}]", "[{people: [li], day: [mon]}]", 23, "day: unknown key"),
        ("name: Lead", "nam: Lead", 14, "required and missing"),
        ("people:\n", "people\n", 3, "not valid YAML"),
    ],
)
def test_a_broken_roster_is_refused_with_file_line_and_remedy(
    old: str, new: str, line: int, says: str
) -> None:
    with pytest.raises(BrokenDocument, match=says) as refusal:
        read_roster(ROSTER.replace(old, new, 1), "rosters/small.yaml")
    assert refusal.value.file == "rosters/small.yaml"
    assert abs(refusal.value.line - line) <= 1


def test_the_sample_roster_answers_for_every_role_of_the_policy_at_every_hour() -> None:
    text = (PLAYBOOKS / "rosters" / "sample.yaml").read_text("utf-8")
    roster, policy = read_roster(text, "sample.yaml"), shipped_policy()
    for role in {*policy.next_role, policy.last_resort}:
        for hour in range(24):
            assert on_call(roster, role, NOON.replace(hour=hour)), (role, hour)
