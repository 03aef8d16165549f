"""`python app.py` is `./run serve`; `app` is the Flask application, for `flask` commands and WSGI.

A WSGI server alone carries everything but the media stream: it answers calls by documents
(`IVR_MEDIA=gather`).
"""

from flask import Flask

from ivr.factory import build_hotline, build_records
from ivr.settings import Settings, with_secrets


def create_app() -> Flask:
    """Build the Flask application with the settings of the environment."""
    return build_hotline(build_records(with_secrets(Settings()))).flask


def __getattr__(name: str) -> Flask:
    """Make `app` when somebody asks for it: loading models is not an import's business."""
    if name == "app":
        made = create_app()
        globals()["app"] = made
        return made
    raise AttributeError(name)


if __name__ == "__main__":
    from ivr.cli.main import cli

    cli(["serve"], prog_name="ivr")
