"""The telephone network's side of a call: signed webhooks, documents, the media stream, REST.

Law of this folder: the carrier's formats (forms, TwiML, stream JSON) begin and end here; decisions
about a call are the `Switchboard`'s. Nothing is obeyed that the carrier has not signed, and no
trouble of ours reaches the caller as silence: the worst answer is a person.
"""
