"""The incident's number: short enough to be said over a radio."""

from datetime import date

from ivr.incident.model import IncidentId


def incident_id(day: date, number: int) -> IncidentId:
    """Return e.g. `261123-007`: the estate's date, then the running number of that day.

    On the radio people say the tail ("number seven"); the whole is unique for a century.
    The number is handed out by the database in the transaction that writes the incident.
    """
    return IncidentId(f"{day:%y%m%d}-{number:03d}")
