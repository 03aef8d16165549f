"""Telephone audio as arrays: mu-law, frames, rates, files, levels, and when a turn has ended.

Law of this folder: pure functions over bytes, samples and audio time. No socket, thread, model,
clock or log; the only I/O is `wav.load` and `wav.save`, whole files at a caller's request.
"""
