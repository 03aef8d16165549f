"""Secrets are made in `try`, demanded in production."""

from pathlib import Path

import pytest

from ivr.settings import Settings, missing_for_production, with_secrets

pytestmark = pytest.mark.unit


def test_try_mode_invents_secrets_once_and_keeps_them(tmp_path: Path) -> None:
    first = with_secrets(Settings(data_dir=tmp_path))
    second = with_secrets(Settings(data_dir=tmp_path))
    token = first.twilio_auth_token.get_secret_value()
    assert len(token) == 32
    assert second.twilio_auth_token.get_secret_value() == token
    assert (tmp_path / ".twilio_auth_token").stat().st_mode & 0o077 == 0


def test_production_invents_nothing_and_names_what_is_missing(tmp_path: Path) -> None:
    settings = with_secrets(Settings(data_dir=tmp_path, mode="production"))
    assert settings.twilio_auth_token.get_secret_value() == ""
    missing = "\n".join(missing_for_production(settings))
    for name in ("IVR_PUBLIC_URL", "IVR_TWILIO_AUTH_TOKEN", "IVR_DUTY_PHONE", "IVR_ROSTER"):
        assert name in missing


def test_a_given_secret_is_not_replaced(tmp_path: Path) -> None:
    given = Settings(data_dir=tmp_path, api_token="word")  # type: ignore[arg-type]
    assert with_secrets(given).api_token.get_secret_value() == "word"


def test_production_names_a_missing_alert_channel(tmp_path: Path) -> None:
    missing = "\n".join(missing_for_production(Settings(data_dir=tmp_path, mode="production")))
    assert "IVR_WEBHOOK_URL" in missing
    assert "IVR_WEBHOOK_SECRET" in missing
