"""An accident in words fit for a log: its kind and place, never its message.

Messages of libraries quote what they were given, and here that is callers' words and numbers.
"""

import traceback
from pathlib import PurePath


def described(error: BaseException) -> str:
    """Return e.g. `OperationalError at desk.py:88 in ring <- calls.py:41 in begin`."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = [f"{PurePath(one.filename).name}:{one.lineno} in {one.name}" for one in frames]
    return f"{type(error).__name__} at " + (" <- ".join(reversed(places)) or "an unknown place")
