"""Callers' words, names and numbers never stand in a log message (design section 6)."""

import logging
from pathlib import Path

import pytest

from tests.unit.call.test_session import Live, live, settled

pytestmark = pytest.mark.unit

WORDS = "我家厨房着火了,我叫欧阳暗号"
PLACE = "三栋二单元一二零四"
SECRETS = ("欧阳", "暗号", "着火", "13800000001", "一二零四", "1204")


def test_a_call_leaves_no_word_of_its_caller_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def talk(call: Live) -> None:
        await call.says(WORDS)
        await call.says(PLACE)

    live(talk, tmp_path)
    assert not [secret for secret in SECRETS if secret in caplog.text]


def test_a_store_that_fails_with_the_report_in_its_message_is_logged_without_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def talk(call: Live) -> None:
        def refuse(*arguments: object) -> None:
            raise OSError(f"could not write {arguments}")

        call.store.incidents.open = refuse  # type: ignore[assignment,method-assign]
        await call.says(WORDS)
        for _ in range(100):
            if "record not written" in caplog.text:
                break
            await settled()

    live(talk, tmp_path)
    assert "record not written" in caplog.text
    assert not [secret for secret in SECRETS if secret in caplog.text]
