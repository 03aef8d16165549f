"""The outbox worker and its channels: carries out what the escalation has decided.

A channel tells the truth about one attempt as a `Delivery`; it raises nothing of its own. The
worker may be killed at any moment and may run twice: every step of it is a row (see
`ivr/store/outbox.py`).
"""
