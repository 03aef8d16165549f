"""The carrier's error codes in words for the person who runs the hotline."""

from typing import Final

_ADVICE: Final[dict[str, str]] = {
    "10004": "too many calls at once for this account: upgrade the account's customer profile",
    "11200": "the carrier could not fetch our document: is the machine up and the address public?",
    "11205": "the carrier could not connect: check DNS, firewall and port 443",
    "11750": "the document was larger than 64 KB",
    "13224": "the number to dial is not valid: check DUTY_PHONE and the roster",
    "13225": "the carrier refuses to dial this number: check its country in geo permissions",
    "13327": "a Gather attribute is not valid: check the speech settings",
    "13335": "speechTimeout and speechModel do not go together",
    "20003": "the account SID or auth token is wrong",
    "20429": "too many requests: the carrier asks us to slow down",
    "21205": "the address given is not a valid public URL: check PUBLIC_URL",
    "21211": "the number called is not valid",
    "21215": "the account may not call this country: set geo permissions",
    "21610": "this person has replied STOP and gets no SMS from our number",
    "21614": "this number cannot receive SMS",
    "21617": "the SMS is longer than 1600 characters",
    "30003": "the phone is unreachable or switched off",
    "30005": "the number is unknown to its network",
    "30007": "the SMS was filtered by the network",
    "30044": "the SMS is too long for a trial account",
    "31901": "the stream timed out: the machine did not answer in time",
    "31902": "the stream was refused: is the machine up and the port open?",
    "31910": "TLS failed: the certificate must be valid, self-signed ones are refused",
    "31920": "the stream's handshake was refused: a proxy without WebSocket, or a wrong PUBLIC_URL",
    "31921": "our side closed the stream",
    "31923": "the stream's URL is not valid: wss and no query string",
    "31924": "the stream's protocol was broken",
    "31951": "the stream could not be connected",
    "32018": "the inline document was longer than 4000 characters",
}


def advice(code: str) -> str:
    """Return what the operator should do about `code`, as sent by the carrier."""
    known = code if code.isascii() and code.isdigit() and len(code) <= 6 else ""
    return f"{known or 'no code'}: {_ADVICE.get(known, 'see the carrier’s error dictionary')}"
