"""One call as a pure function: `advance(dialog, event, library) -> Step`.

Law of this folder: no socket, clock, thread, database or log. Time arrives inside events and is
asked for with `StartTimer`; everything that must happen is returned as an effect.
"""
