"""Simulated duty phones for `try` mode and drills: they ring on the outbox page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ivr.notify.channel import Delivery, DeliveryState, Later, Message
from ivr.store.desk import DeskMessage
from ivr.store.store import Store


class DeskPhones:
    """Accepts every message; presses "taken" by itself after a while if told to."""

    def __init__(self, store: Store, channel: str, answers_after_s: float | None = None) -> None:
        """`channel`: its name in the roster; `answers_after_s`: None = nobody presses."""
        self._store, self._channel, self._answers_after_s = store, channel, answers_after_s

    def send(self, message: Message, at: datetime) -> Delivery:
        press = None
        if message.kind == "alert" and self._answers_after_s is not None:
            press = at + timedelta(seconds=self._answers_after_s)
        number = self._store.desk.ring(
            DeskMessage(
                0,
                message.incident,
                self._channel,
                message.person,
                message.address,
                message.short,
                message.card,
                at,
                press,
                None,
            )
        )
        return Delivery(DeliveryState.DELIVERED, reference=str(number))

    def later(self, now: datetime) -> Sequence[Later]:
        return [
            Later(str(m.id), Delivery(DeliveryState.ACKNOWLEDGED, by=m.person))
            for m in self._store.desk.press_due(self._channel, now)
        ]
