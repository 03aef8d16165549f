"""The fake switchboard keeps the contract it stands in for."""

import pytest

from ivr.call.switchboard import Switchboard
from tests.contract.switchboard_contract import SwitchboardContract
from tests.fakes.switchboard import FakeSwitchboard

pytestmark = pytest.mark.contract


class TestFakeSwitchboard(SwitchboardContract):
    def switchboard(self, *, stream: bool) -> Switchboard:
        return FakeSwitchboard(stream=stream)
