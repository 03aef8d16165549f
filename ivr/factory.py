"""The one place where the parts are joined. Everything is built here and passed on as arguments."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask, redirect
from werkzeug.wrappers import Response

from ivr.call.desk import Desk, Site
from ivr.call.news import NewsDesk
from ivr.call.prompted_voice import PromptedVoice
from ivr.call.session import Tools
from ivr.clock import Clock, SystemClock
from ivr.dialog.edition import Edition
from ivr.editions import InForce, put_in_force
from ivr.escalation.policy import read_policy
from ivr.escalation.roster import Roster
from ivr.incident.model import Place
from ivr.incident.paper import Paper
from ivr.incident.sheets import read_sheets
from ivr.incident.words import read_card
from ivr.nlu.estate import Estate, EstateError
from ivr.notify.channel import Channel
from ivr.notify.desk import DeskPhones
from ivr.notify.webhook import Webhook
from ivr.notify.worker import Worker
from ivr.readiness import WEBHOOK, channel_names, roster_of, unready
from ivr.settings import NotReady, Settings
from ivr.speech import models
from ivr.speech.catalogue import Catalogue
from ivr.speech.engines import EnginePerLanguage
from ivr.speech.plausible import Inventions
from ivr.speech.prompt_files import PromptFiles
from ivr.speech.pyttsx3_synthesizer import Pyttsx3Synthesizer
from ivr.speech.recognizer import Lang, Recognizer
from ivr.speech.synthesizer import SynthesisFailed
from ivr.speech.voice_activity import VoiceActivity, VoiceModel
from ivr.speech.voice_pack import read_all_words
from ivr.speech.voices import product_voice
from ivr.speech.vosk_recognizer import VoskModel, VoskRecognizer
from ivr.speech.whisper_recognizer import WhisperRecognizer
from ivr.store.database import StoreUnavailable
from ivr.store.store import CHINA, Store
from ivr.telephony.documents import Documents
from ivr.telephony.prompts import Speaker
from ivr.telephony.signature import PublicAddress, Secrets
from ivr.telephony.stream_socket import StreamSocket
from ivr.telephony.tokens import PhraseSeal
from ivr.telephony.twiml import SpeechStyle
from ivr.telephony.webhooks import SignatureWatch, Webhooks, voice_blueprint
from ivr.web.api import api
from ivr.web.health import health
from ivr.web.outbox import on_this_machine, outbox

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
"""Where playbooks/ and prompts/ lie."""
LANGS: tuple[Lang, ...] = ("zh", "en")
DECODE_WORKERS = 2
"""Turns decoded at a time; measured in docs/measurements/recognition.md."""
Progress = Callable[[str, float], None]
"""Told what is being done and how much of it (0..1)."""


def quiet(_label: str, _done: float) -> None:
    """The progress report of who does not want one."""


@dataclass(frozen=True, slots=True)
class Records:
    """What web and worker processes share."""

    settings: Settings
    store: Store
    paper: Paper
    in_force: InForce
    clock: Clock

    @property
    def edition(self) -> Edition:
        return self.in_force.edition

    @property
    def prompts(self) -> Path:
        """Texts, recordings and voices of the edition in force."""
        return self.in_force.root / "prompts"


@dataclass(frozen=True, slots=True)
class Hotline:
    """One answering process."""

    records: Records
    desk: Desk
    news: NewsDesk
    flask: Flask
    stream: StreamSocket
    recognizer: Recognizer | None
    address: PublicAddress


def build_records(settings: Settings, clock: Clock | None = None) -> Records:
    """Read the edition and open the store.

    Raises:
        NotReady: production lacks a secret, an alert channel, an estate, a roster with somebody
            in it or a review, and names it.
        BrokenDocument, LexiconError, EstateError: a data file is wrong, with file and remedy.
        StoreUnavailable: the database cannot be opened or brought up to date.
    """
    estate_file = Path(settings.estate) if settings.estate else None
    try:
        in_force = put_in_force(ROOT, estate_file, settings.data_dir / "last_good_edition")
    except EstateError as error:
        if settings.mode == "production":
            raise NotReady([*unready(settings), f"IVR_ESTATE: {error}"]) from error
        raise
    if settings.mode == "production":
        _refuse_unready(settings, in_force.edition)
    policy = read_policy(
        _text(in_force.root, "playbooks/_escalation.yaml"), "playbooks/_escalation.yaml"
    )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    paper = _paper(in_force)
    store = Store(settings.database, policy, unlisted=frozenset(paper.words.unlisted))
    store.upgrade()
    return Records(settings, store, paper, in_force, clock or SystemClock())


def _refuse_unready(settings: Settings, edition: Edition) -> None:
    missing = unready(settings)
    books = edition.library.playbooks.values()
    unreviewed = sorted(b.name for b in books if b.steps and not b.reviewed_by)
    if unreviewed:
        names = ", ".join(unreviewed)
        missing.append(f"a named reviewer in `reviewed:` of these playbooks: {names}")
    if missing:
        raise NotReady(missing)


def _text(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


def _paper(in_force: InForce) -> Paper:
    root, library = in_force.root, in_force.edition.library
    words = read_card(_text(root, "playbooks/card.yaml"), "playbooks/card.yaml")
    forms = read_sheets(_text(root, "playbooks/sheets.yaml"), "playbooks/sheets.yaml")
    hazards = tuple(name for name, kind in library.facts.items() if kind.hazard)
    return Paper(words, forms, _sheet_facts(in_force.edition.estate), CHINA, hazards)


def _sheet_facts(estate: Estate | None) -> dict[str, str]:
    """What the 119, 120 and 110 sheets take from the estate's own file (safety 4.3)."""
    if estate is None:
        return {}
    sheet = estate.entry.sheet
    return {
        "name": estate.entry.name,
        "address": sheet.road,
        "near": "",
        "entrance": "".join(sheet.gates[:1]),
        "guide_place": sheet.guide_place,
    }


# ---- voice and ears ------------------------------------------------------------------


def build_catalogue(prompts: Path, cache: Path, progress: Progress = quiet) -> Catalogue:
    """Prompts as audio: the pack first, Kokoro for what is new, pyttsx3 when nothing else can."""

    def joined(done: int, total: int, label: str) -> None:
        progress(label, done / total)

    kokoro = product_voice(prompts, cache, progress=joined)
    fallback = Pyttsx3Synthesizer(read_all_words(prompts))
    return Catalogue(prompts, [kokoro, fallback], cache / "voice")


def build_recognizer(settings: Settings, progress: Progress = quiet) -> Recognizer:
    """The engine of `IVR_ASR`, loaded.

    Raises:
        ModelProblem, RecognitionUnavailable: a model is missing or damaged; says what to do.
    """
    folder = settings.models_dir
    chosen = {lang: models.choose(settings.asr, lang, folder) for lang in LANGS}
    found = models.installed(folder)
    ready = {lang: VoskModel(found[lang]) for lang in LANGS if chosen[lang] == "vosk"}
    vosk = VoskRecognizer(ready) if ready else None
    if vosk is not None and len(ready) == len(LANGS):
        return vosk
    lists = [ROOT / f"playbooks/sentences/{lang}/_hallucinations.yaml" for lang in LANGS]
    directory = models.whisper_directory(folder, progress)
    whisper = WhisperRecognizer(directory, Inventions.load(lists), workers=DECODE_WORKERS)
    if vosk is None:
        return whisper
    return EnginePerLanguage({lang: vosk if lang in ready else whisper for lang in LANGS}, whisper)


# ---- the answering process -----------------------------------------------------------


def build_hotline(records: Records, progress: Progress = quiet) -> Hotline:
    """Everything that answers calls, ready: models loaded, prompts in memory."""
    settings = records.settings
    catalogue = build_catalogue(records.prompts, settings.models_dir, progress)
    catalogue.warm()
    threading.Thread(target=_render_missing, args=(catalogue,), name="voice", daemon=True).start()
    voice = PromptedVoice(catalogue)
    recognizer = build_recognizer(settings, progress)
    detector = VoiceModel.load()
    tools = Tools(records.clock, voice, recognizer, lambda: VoiceActivity(detector))
    desk = Desk(
        records.store, lambda: records.edition, _site(records), tools, lambda: _ready(records)
    )
    address = PublicAddress(settings.public)
    secrets = _secrets(settings)
    seal = PhraseSeal(settings.secret_key.get_secret_value())
    speaker = Speaker(PromptFiles(catalogue), address, seal, SpeechStyle())
    documents = Documents(
        speaker,
        address,
        desk_number=settings.duty_phone or _try_desk(settings),
        caller_id=settings.twilio_from or None,
    )
    hooks = Webhooks(desk, documents, speaker, address, secrets, records.clock.now)
    flask = build_pages(records, hooks)
    stream = StreamSocket(desk, address, secrets)
    news = NewsDesk(records.store, desk)
    return Hotline(records, desk, news, flask, stream, recognizer, address)


def _render_missing(catalogue: Catalogue) -> None:
    """Speak ahead what the pack does not hold (changed texts), so that no caller waits for it."""
    for lang in LANGS:
        for line in catalogue.unrendered(lang):
            try:
                catalogue.audio(line, lang)
            except SynthesisFailed:
                log.exception("line cannot be spoken", extra={"line": line})


def _secrets(settings: Settings) -> Secrets:
    tokens = (settings.twilio_auth_token, settings.twilio_auth_token_next)
    return Secrets(tuple(t.get_secret_value() for t in tokens if t.get_secret_value()), {})


def _try_desk(settings: Settings) -> str | None:
    """In `try` a simulated duty phone stands at the carrier's end (ivr/phone)."""
    return "+8602300000119" if settings.mode == "try" else None


def _site(records: Records) -> Site:
    settings = records.settings

    def registered(caller: str | None) -> Place | None:
        estate = records.edition.estate
        found = estate.registered(caller) if estate else None
        return _place(found) if found else None

    numbers = (n.strip() for n in settings.test_numbers.split(","))
    return Site(
        media=settings.media,
        duty_phone=settings.duty_phone or _try_desk(settings),
        registered=registered,
        test_numbers=frozenset(n for n in numbers if n),
    )


def _place(slots: Mapping[str, str]) -> Place:
    get = slots.get
    return Place(get("building"), get("unit"), get("floor"), get("room"), get("landmark"))


def _ready(records: Records) -> bool:
    """Whether a call that comes now can be answered by us; else it goes to the duty desk."""
    try:
        records.store.ping()
    except StoreUnavailable:
        return False
    return True


def build_pages(records: Records, hooks: Webhooks | None) -> Flask:
    """The Flask application: webhooks, API, outbox, health."""
    app = Flask("ivr", static_folder=None)
    settings, store, now = records.settings, records.store, records.clock.now
    app.secret_key = settings.secret_key.get_secret_value()
    if hooks is not None:
        app.register_blueprint(voice_blueprint(hooks))
    token = settings.api_token.get_secret_value()
    app.register_blueprint(api(store, token, records.paper, now))
    shown = None if settings.mode == "try" else token
    app.register_blueprint(outbox(store, records.paper, now, lambda: on_this_machine(shown)))
    checks = {"edition": lambda: records.in_force.problem}
    gauges = signature_gauges(hooks.watch, now) if hooks is not None else None
    app.register_blueprint(health(store, now, checks, gauges))

    @app.get("/")
    def home() -> Response:
        return redirect("/outbox")

    return app


def signature_gauges(
    watch: SignatureWatch, now: Callable[[], datetime]
) -> Callable[[], dict[str, float]]:
    """For /metrics: requests refused, and seconds since the carrier's last rightly signed one.

    The age is left out until there was one.
    """

    def gauges() -> dict[str, float]:
        numbers: dict[str, float] = {"hotline_webhooks_refused_total": watch.refused}
        if watch.last_valid_at is not None:
            age = (now() - watch.last_valid_at).total_seconds()
            numbers["hotline_last_valid_signature_age_seconds"] = age
        return numbers

    return gauges


# ---- the alert worker ----------------------------------------------------------------


def build_worker(records: Records) -> Worker:
    """The process that sends alerts."""
    settings, store = records.settings, records.store
    channels: dict[str, Channel] = {}
    for name in channel_names(settings):
        if name == WEBHOOK:
            secret = settings.webhook_secret.get_secret_value()
            channels[name] = Webhook(settings.webhook_url, secret)
        else:
            channels[name] = DeskPhones(store, name, settings.auto_ack_s)
    return Worker(store, channels, roster_reader(settings), records.paper, records.clock)


def roster_reader(settings: Settings) -> Callable[[], Roster]:
    """Reads the duty list again when the file has changed; a broken edit keeps the last one.

    One bad save must not stop every alert: it is logged once, and the people who were on duty
    before stay on duty. The reader raises OSError or BrokenDocument only while no list was ever
    good.
    """
    file = _roster_file(settings)
    tried: tuple[int, int] | None = None
    good: Roster | None = None
    said: str | None = None
    lock = threading.Lock()

    def read() -> Roster:
        nonlocal tried, good, said
        with lock:
            try:
                found = file.stat()
                changed = (found.st_mtime_ns, found.st_size)
                if good is None or tried != changed:
                    tried = changed
                    good, said = roster_of(file), None
            except (OSError, ValueError) as error:  # ValueError: BrokenDocument, not UTF-8
                if good is None:
                    raise
                if isinstance(error, OSError):
                    tried = None  # what could not be opened is tried again
                if said != (said := f"{type(error).__name__}: {error}"):
                    log.error("duty list refused, the last good one stays: %s", said)  # noqa: TRY400
            return good

    return read


def _roster_file(settings: Settings) -> Path:
    return Path(settings.roster) if settings.roster else ROOT / "playbooks/rosters/sample.yaml"
