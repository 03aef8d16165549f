"""The estate's emergency hotline.

core (pure, no I/O)
    incident/    what happened: incident, report, sheets, tasks
    audio/       mu-law, frames, resampling, endpointing over timestamps
    playbook/    what we do: the YAML as checked, frozen data
    nlu/         how people say it: words -> category, place, facts
    dialog/      `advance(dialog, event, library) -> Step`: one call as a pure function
    escalation/  whom to alert, and when again
shell
    store/       SQLAlchemy tables: calls, journal, incidents, outbox
    speech/      recognisers and voices behind two small ports
    call/        one live call: line in, `advance`, effects out
    notify/      the outbox worker and its channels
    telephony/   Twilio's webhooks and media stream
    web/         API and pages
    phone/       a simulated carrier and caller, for `ivr call` and the tests
    cli/, factory.py   commands; the one place where parts are joined
"""

__version__ = "0.1.0"
