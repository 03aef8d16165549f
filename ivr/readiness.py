"""What a start in production still lacks: settings, alert channels, somebody on duty."""

from pathlib import Path

from ivr.documents import BrokenDocument
from ivr.escalation.roster import Roster, read_roster
from ivr.settings import Settings, missing_for_production

SIMULATED, WEBHOOK = ("desk_card", "desk_phone"), "webhook"
"""Channels by the names the duty list calls them."""


def unready(settings: Settings) -> list[str]:
    """What settings and the duty list lack; a hotline that can alert nobody must not answer."""
    missing = missing_for_production(settings)
    if not settings.roster:
        return missing
    try:
        roster = roster_of(Path(settings.roster))
    except (OSError, ValueError) as error:
        advice = "give the path of a duty list shaped like playbooks/rosters/sample.yaml"
        return [*missing, f"IVR_ROSTER: {error}; {advice}"]
    there = channel_names(settings)
    known = ", ".join(there) or "none yet; set IVR_WEBHOOK_URL and IVR_WEBHOOK_SECRET"
    return missing + [
        f"IVR_ROSTER: {person.id!r} is reached by channel {contact.channel!r}, which is not set up"
        f" (there are: {known})"
        for person in roster.people.values()
        for contact in person.contacts
        if contact.channel not in there
    ]


def channel_names(settings: Settings) -> tuple[str, ...]:
    """The channels these settings set up, as the duty list names them."""
    simulated = SIMULATED if settings.mode == "try" else ()
    return (*simulated, WEBHOOK) if settings.webhook_url else simulated


def roster_of(file: Path) -> Roster:
    """The duty list; one by which nobody would ever be reached is broken, too."""
    roster = read_roster(file.read_text(encoding="utf-8"), file.name)
    if not any(roster.shifts.values()):
        problem = "nobody holds any role; write who is on duty, role by role"
        raise BrokenDocument(file.name, 1, "$.roles", problem)
    return roster
