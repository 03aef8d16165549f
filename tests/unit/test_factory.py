"""A bad save of the duty list stops no alert; production refuses what reaches nobody."""

import logging
import os
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from ivr.documents import BrokenDocument
from ivr.escalation.roster import Roster
from ivr.factory import ROOT, build_records, roster_reader, signature_gauges
from ivr.settings import NotReady, Settings
from ivr.telephony.webhooks import SignatureWatch

pytestmark = pytest.mark.unit

TICK = count(1)


def roster_text(name: str, channel: str = "webhook") -> str:
    contact = f'{{reach: card, channel: {channel}, address: "a"}}'
    return (
        f"zone: Asia/Shanghai\npeople:\n  one: {{name: {name}, contacts: [{contact}]}}\n"
        "roles:\n  manager: [{people: [one]}]\n"
    )


def save(file: Path, text: str) -> Path:
    """Write it with a time of its own: two saves of one test never fall on the same tick."""
    file.write_text(text, encoding="utf-8")
    at = 1_700_000_000 + next(TICK)
    os.utime(file, (at, at))
    return file


def on_duty(roster: Roster) -> str:
    return roster.people["one"].name


def reader_of(file: Path) -> Settings:
    return Settings(roster=str(file))


BAD_SAVES = {
    "half written": "zone: Asia/Shanghai\npeople: {one: {na",
    "empty": "",
    "not a mapping": "- one",
    "nobody in any role": "zone: Asia/Shanghai\npeople: {}\nroles: {}",
    "an unknown person": roster_text("Li").replace("[one]}", "[two]}"),
    "impossible date": roster_text("Li") + "overrides: [{from: 2026-13-45T00:00:00}]",
}


@pytest.mark.parametrize("bad", BAD_SAVES.values(), ids=BAD_SAVES)
def test_a_bad_save_keeps_the_people_on_duty_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, bad: str
) -> None:
    file = save(tmp_path / "roster.yaml", roster_text("Zhao"))
    read = roster_reader(reader_of(file))
    assert on_duty(read()) == "Zhao"
    save(file, bad)
    with caplog.at_level(logging.ERROR, "ivr.factory"):
        assert [on_duty(read()) for _round in range(3)] == ["Zhao"] * 3
    assert len(caplog.records) == 1
    save(file, roster_text("Qian"))
    assert on_duty(read()) == "Qian"


def test_a_file_that_is_gone_for_a_moment_keeps_the_people_on_duty(tmp_path: Path) -> None:
    file = save(tmp_path / "roster.yaml", roster_text("Zhao"))
    read = roster_reader(reader_of(file))
    read()
    file.unlink()
    assert on_duty(read()) == "Zhao"
    file.mkdir()
    assert on_duty(read()) == "Zhao"
    file.rmdir()
    save(file, roster_text("Qian"))
    assert on_duty(read()) == "Qian"


def test_a_file_not_in_utf8_keeps_the_people_on_duty(tmp_path: Path) -> None:
    file = save(tmp_path / "roster.yaml", roster_text("Zhao"))
    read = roster_reader(reader_of(file))
    read()
    file.write_bytes("zone: 重庆".encode("gb18030"))
    assert on_duty(read()) == "Zhao"


def test_without_any_good_list_the_reader_says_so_every_time(tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    read = roster_reader(reader_of(file))
    with pytest.raises(FileNotFoundError):
        read()
    save(file, "")
    for _round in range(2):
        with pytest.raises(BrokenDocument, match=r"roster\.yaml"):
            read()
    save(file, roster_text("Zhao"))
    assert on_duty(read()) == "Zhao"


def refused(tmp_path: Path, **given: str) -> list[str]:
    """The complaints of a production start that has everything but what `given` spoils."""
    estate = tmp_path / "estate.yaml"
    shipped = (ROOT / "playbooks/estates/sample.yaml").read_text(encoding="utf-8")
    estate.write_text(shipped, encoding="utf-8")
    everything = {
        "mode": "production",
        "public_url": "https://hotline.example",
        "twilio_account_sid": "AC1",
        "twilio_auth_token": "word",
        "duty_phone": "+8602300000119",
        "webhook_url": "https://alerts.example/in",
        "webhook_secret": "word",
        "api_token": "word",
        "secret_key": "word",
        "estate": str(estate),
        "roster": str(save(tmp_path / "roster.yaml", roster_text("Zhao"))),
        "data_dir": str(tmp_path / "data"),
    }
    with pytest.raises(NotReady) as refusal:
        build_records(Settings.model_validate(everything | given))
    return [line for line in refusal.value.missing if "named reviewer" not in line]


def test_production_with_everything_lacks_only_the_reviews(tmp_path: Path) -> None:
    assert refused(tmp_path) == []


@pytest.mark.parametrize("name", ["webhook_url", "webhook_secret"])
def test_production_does_not_start_without_an_alert_channel(tmp_path: Path, name: str) -> None:
    lines = refused(tmp_path, **{name: ""})
    assert lines[0].startswith(f"IVR_{name.upper()}: ")


@pytest.mark.parametrize("bad", [None, *BAD_SAVES.values()], ids=["missing", *BAD_SAVES])
def test_production_does_not_start_without_anybody_on_duty(tmp_path: Path, bad: str | None) -> None:
    file = tmp_path / "own.yaml"
    if bad is not None:
        save(file, bad)
    (line,) = refused(tmp_path, roster=str(file))
    assert line.startswith("IVR_ROSTER: ")
    assert "own.yaml" in line
    assert "playbooks/rosters/sample.yaml" in line


def test_production_does_not_start_with_a_contact_nothing_can_reach(tmp_path: Path) -> None:
    file = save(tmp_path / "own.yaml", roster_text("Zhao", channel="desk_phone"))
    (line,) = refused(tmp_path, roster=str(file))
    assert "'one'" in line
    assert "'desk_phone'" in line
    assert "there are: webhook" in line


@pytest.mark.parametrize("bad", [None, "name: [", "", "name: Garden"])
def test_production_does_not_start_with_a_missing_or_broken_estate(
    tmp_path: Path, bad: str | None
) -> None:
    file = tmp_path / "garden.yaml"
    if bad is not None:
        save(file, bad)
    lines = refused(tmp_path, estate=str(file), roster="")
    assert [line.split(":")[0] for line in lines] == ["IVR_ROSTER", "IVR_ESTATE"]
    assert "garden.yaml" in lines[1]


def test_the_signatures_of_the_carrier_can_be_watched() -> None:
    watch, at = SignatureWatch(), datetime(2026, 5, 1, tzinfo=UTC)
    gauges = signature_gauges(watch, lambda: at + timedelta(seconds=90))
    assert gauges() == {"hotline_webhooks_refused_total": 0}
    watch.note(False, at)
    watch.note(True, at)
    assert gauges() == {
        "hotline_webhooks_refused_total": 1,
        "hotline_last_valid_signature_age_seconds": 90,
    }
