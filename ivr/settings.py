"""Settings: the environment or `.env`, prefix `IVR_`. Read once, frozen."""

import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Mode = Literal["try", "production"]


class NotReady(Exception):
    """Something that production needs is missing; each line says what and how to give it."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__("cannot start in production:\n" + "\n".join(f"  - {m}" for m in missing))


class Settings(BaseSettings):
    """Every setting of the hotline. Units: seconds, ports as numbers, URLs without a last slash."""

    model_config = SettingsConfigDict(
        env_prefix="IVR_", env_file=".env", frozen=True, extra="ignore", populate_by_name=True
    )

    mode: Mode = "try"
    data_dir: Path = Path("data")
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    """Scheme and host the carrier reaches us at; signatures are made over it."""
    media: Literal["stream", "gather"] = "stream"
    asr: Literal["auto", "vosk", "whisper"] = "auto"
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_auth_token_next: SecretStr = SecretStr("")
    """The second token while tokens are being rotated."""
    twilio_from: str = ""
    duty_phone: str = ""
    webhook_url: str = ""
    """Where alerts are posted, signed with `webhook_secret`."""
    webhook_secret: SecretStr = SecretStr("")
    api_token: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    estate: str = ""
    """File with the estate's buildings; the sample estate in `try`."""
    roster: str = ""
    test_numbers: str = ""
    """Comma separated; their calls are logged and nobody is sent."""
    cache_dir: Path | None = None
    """Models assembled from packages; shared between data folders."""
    auto_ack_s: float | None = None
    """`try` only: the simulated duty phones take the alert after so many seconds."""

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'hotline.db'}"

    @property
    def models_dir(self) -> Path:
        return self.cache_dir or Path.home() / ".cache" / "estate-hotline"

    @property
    def public(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


GENERATED = ("twilio_auth_token", "api_token", "secret_key", "webhook_secret")


def with_secrets(settings: Settings) -> Settings:
    """Generate missing secrets into `data_dir` in `try`; in production nothing is invented."""
    if settings.mode == "production":
        return settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    found: dict[str, SecretStr] = {}
    for name in GENERATED:
        if not getattr(settings, name).get_secret_value():
            found[name] = SecretStr(_kept(settings.data_dir / f".{name}"))
    return settings.model_copy(update=found)


def _kept(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(16))
    return file.read_text().strip()


def missing_for_production(settings: Settings) -> list[str]:
    """What a production start still lacks, in words that say how to give it."""
    needed = {
        "public_url": "IVR_PUBLIC_URL: the https address the carrier reaches this machine at",
        "twilio_account_sid": "IVR_TWILIO_ACCOUNT_SID: from the carrier's console",
        "twilio_auth_token": "IVR_TWILIO_AUTH_TOKEN: webhooks are not obeyed unsigned",
        "duty_phone": "IVR_DUTY_PHONE: the number a person always answers",
        "webhook_url": "IVR_WEBHOOK_URL: where alerts are posted; without it nobody is alerted",
        "webhook_secret": "IVR_WEBHOOK_SECRET: a long random word that signs the alerts",
        "api_token": "IVR_API_TOKEN: a long random word for the API",
        "secret_key": "IVR_SECRET_KEY: a long random word for sessions",
        "estate": "IVR_ESTATE: the estate's own file (buildings, lifts, addresses)",
        "roster": "IVR_ROSTER: who is on duty",
    }
    return [advice for name, advice in needed.items() if not _given(settings, name)]


def _given(settings: Settings, name: str) -> bool:
    value = getattr(settings, name)
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
