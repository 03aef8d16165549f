"""What a caller asks of the hotline itself: again, a person, another language."""

from ivr.dialog.agenda import rearm, walk
from ivr.dialog.draft import Draft
from ivr.dialog.repair import to_person
from ivr.dialog.state import Phase


def obey(draft: Draft, command: str) -> bool:
    """The caller wants something of the hotline itself."""
    match command:
        case "repeat":
            draft.again()
            rearm(draft)
        case "human":
            to_person(draft, "asked for")
        case "to_en":
            speak(draft, "en")
        case "to_zh":
            speak(draft, "zh")
        case _:
            return False
    return True


def speak(draft: Draft, lang: str) -> None:
    """Go on in another language from here."""
    draft.set(lang="en" if lang == "en" else "zh", lang_fixed=True)
    if draft.dialog.phase is Phase.INTAKE:
        draft.phrase("listening")
        draft.listen("open")
    else:
        walk(draft)
