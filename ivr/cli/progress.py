"""A bar for what takes long: models being assembled."""

import sys
import threading


class Bar:
    """One line on standard error, rewritten; plain lines where that is no terminal."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._lock = threading.Lock()
        self._shown: dict[str, int] = {}
        self._open = False

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self.done()

    def show(self, label: str, done: float) -> None:
        """`done` is 0..1."""
        percent = int(done * 100)
        with self._lock:
            if self._quiet or self._shown.get(label) == percent:
                return
            self._shown[label] = percent
            if sys.stderr.isatty():
                filled = "█" * (percent // 5)
                sys.stderr.write(f"\r{label:<28} {filled:<20} {percent:3d} %")
                self._open = True
            elif percent in (0, 50, 100):
                sys.stderr.write(f"{label}: {percent} %\n")
            sys.stderr.flush()

    def done(self) -> None:
        if self._open:
            sys.stderr.write("\n")
            self._open = False
