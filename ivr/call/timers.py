"""The engine's timers of one live call, on the clock that the tests can wind."""

from collections.abc import Callable

from ivr.clock import Cancellable, Clock
from ivr.dialog.effects import StartTimer


class Timers:
    """Runs `StartTimer`s; those that measure the caller's silence wait for our last word."""

    def __init__(self, clock: Clock, fire: Callable[[str], None]) -> None:
        self._clock = clock
        self._fire = fire
        self._running: dict[str, Cancellable] = {}
        self._held: dict[str, float] = {}

    def start(self, timer: StartTimer, *, speaking: bool) -> None:
        """Start or replace a timer; held back while we speak where it is to follow speech."""
        self.cancel(timer.timer)
        if timer.after_speech and speaking:
            self._held[timer.timer] = timer.after_s
        else:
            self._run(timer.timer, timer.after_s)

    def cancel(self, timer: str) -> None:
        self._held.pop(timer, None)
        running = self._running.pop(timer, None)
        if running is not None:
            running.cancel()

    def speech_ended(self) -> None:
        """Our last word is played: silence counts from now."""
        held, self._held = self._held, {}
        for name, after_s in held.items():
            self._run(name, after_s)

    def cancel_all(self) -> None:
        for name in [*self._running, *self._held]:
            self.cancel(name)

    def _run(self, name: str, after_s: float) -> None:
        def ring() -> None:
            self._running.pop(name, None)
            self._fire(name)

        self._running[name] = self._clock.later(after_s, ring)
