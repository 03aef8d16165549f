"""How people say it: a caller's words to category, place and facts, by rules and data.

Law of this folder: pure functions over text and a compiled lexicon; no I/O, no recogniser, no
playbook logic. Every answer says why.
"""
