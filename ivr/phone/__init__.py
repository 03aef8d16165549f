"""A simulated caller and a simulated carrier: Twilio's side of the wire, for tries and tests.

Law of this folder: it knows the hotline only as Twilio does, by HTTP and WebSocket, and imports
nothing of ivr but `ivr.audio`. Its signatures, forms and stream JSON are written from Twilio's
rules a second time, so that a misreading on one side does not agree with itself on the other.
"""
