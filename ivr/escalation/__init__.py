"""Whom to alert and when again. Law of this folder: no clock, no I/O; time is an argument.

`due(policy, history, now)` decides, `on_call(roster, role, at)` says who that is, `after(...)`
says when a failed send is tried again. The worker in `ivr/notify` only carries it out.
"""
