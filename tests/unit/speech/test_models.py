"""Models come onto the machine whole and checked, or not at all."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ivr.speech import models
from ivr.speech.models import ModelProblem, choose, install_vosk, installed, rows
from ivr.speech.vosk_editions import VOSK, VoskEdition

pytestmark = pytest.mark.unit

NAME = VOSK["zh"].name
FILES = {"am/final.mdl": b"acoustic" * 50, "conf/mfcc.conf": b"--allow-upsample=true\n"}


def _zip(files: dict[str, bytes], top: str = NAME) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(f"{top}/", b"")
        for name, data in files.items():
            zipped.writestr(f"{top}/{name}" if top else name, data)
    return content.getvalue()


def _edition(content: bytes, **changes: object) -> VoskEdition:
    facts = {
        "name": NAME,
        "lang": "zh",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "unpacked": 10_000,
        "files": {"am/final.mdl": hashlib.sha256(FILES["am/final.mdl"]).hexdigest()},
    }
    return VoskEdition(**{**facts, **changes})  # type: ignore[arg-type]


class Install:
    """One attempt to install from a file with the given content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "models"
        self.source = folder / "download.zip"
        self.told: list[tuple[str, float]] = []

    def run(self, content: bytes, edition: VoskEdition | None = None) -> Path:
        self.source.write_bytes(content)
        return self.get(str(self.source), edition or _edition(content))

    def get(self, source: str, edition: VoskEdition) -> Path:
        return install_vosk(
            edition, source, self.folder, lambda what, part: self.told.append((what, part))
        )

    def nothing_is_left(self) -> bool:
        return not installed(self.folder) and {p.name for p in self.folder.iterdir()} <= {".lock"}


@pytest.fixture
def install(tmp_path: Path) -> Install:
    return Install(tmp_path)


def test_the_right_zip_is_installed_and_chosen(install: Install) -> None:
    path = install.run(_zip(FILES))
    assert (path / "am/final.mdl").read_bytes() == FILES["am/final.mdl"]
    assert installed(install.folder) == {"zh": path}
    assert choose("auto", "zh", install.folder) == "vosk"
    assert choose("auto", "en", install.folder) == "whisper"
    assert choose("whisper", "zh", install.folder) == "whisper"
    assert install.told[-1] == ("unpacking", 1.0)
    assert all(0 <= part <= 1 for _, part in install.told)


def test_demanding_vosk_without_a_model_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(ModelProblem, match="ivr models install en --from"):
        choose("vosk", "en", tmp_path)


def test_a_truncated_zip_is_refused(install: Install) -> None:
    content = _zip(FILES)
    with pytest.raises(ModelProblem, match="is cut off"):
        install.run(content[:-20], _edition(content))
    assert install.nothing_is_left()


@pytest.mark.parametrize("change", [b"!", b""])
def test_another_file_of_the_name_is_refused(install: Install, change: bytes) -> None:
    content = _zip(FILES)
    other = content[:50] + bytes([content[50] ^ 1]) + content[51:] + change
    with pytest.raises(ModelProblem, match="not the official"):
        install.run(other, _edition(content))
    assert install.nothing_is_left()


def test_what_is_no_zip_is_refused(install: Install) -> None:
    with pytest.raises(ModelProblem, match="not a zip file"):
        install.run(b"<html>not found</html>")
    assert install.nothing_is_left()


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", f"{NAME}/../../evil", f"{NAME}\\..\\evil", "other/am/final.mdl"],
)
def test_no_path_leaves_the_models_folder(install: Install, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelProblem, match="does not belong"):
        install.run(_zip({name: b"evil"}, top=""))
    assert install.nothing_is_left()
    assert not list(tmp_path.rglob("*evil*"))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(install: Install) -> None:
    content = _zip({**FILES, "bomb": bytes(20_000_000)})
    with pytest.raises(ModelProblem, match="unpacks to more"):
        install.run(content)
    assert install.nothing_is_left()


def test_a_known_file_with_another_content_is_refused(install: Install) -> None:
    with pytest.raises(ModelProblem, match=r"am/final\.mdl is not the official file"):
        install.run(_zip({**FILES, "am/final.mdl": b"other"}))
    assert install.nothing_is_left()


def test_a_source_that_is_not_there_is_named(install: Install) -> None:
    with pytest.raises(ModelProblem, match=r"none\.zip cannot be opened: No such file"):
        install.get(str(install.source.with_name("none.zip")), VOSK["zh"])


def test_a_full_disk_says_how_much_is_needed(install: Install) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    install.folder.mkdir()
    message = "the disk is full: x needs 5 MB"
    building = models._building(install.folder, "x", 5_000_000)
    with pytest.raises(ModelProblem, match=message), building:
        full.write_bytes(b"x" * 100_000)
    assert install.nothing_is_left()


def test_an_interrupted_installation_is_redone(install: Install) -> None:
    leftover = install.folder / f"{NAME}.unfinished"
    leftover.mkdir(parents=True)
    (leftover / "junk").write_bytes(b"half")
    path = install.run(_zip(FILES))
    assert not (path / "junk").exists()
    assert not leftover.exists()


def test_installing_again_replaces_what_was_there(install: Install) -> None:
    install.run(_zip(FILES))
    path = install.run(_zip({**FILES, "README": b"new"}))
    assert (path / "README").is_file()


def test_verifying_finds_a_file_that_changed_later(install: Install) -> None:
    path = install.run(_zip(FILES))
    states = {row.name: row.state for row in rows(install.folder, verify=True)}
    assert states[NAME] == "installed"
    (path / "conf/mfcc.conf").write_bytes(b"changed")
    changed = next(row for row in rows(install.folder, verify=True) if row.name == NAME)
    assert changed.state == "damaged"
    assert "conf/mfcc.conf" in changed.note


class _Server(BaseHTTPRequestHandler):
    content = b""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/model.zip" else 404)
        self.end_headers()
        self.wfile.write(self.content if self.path == "/model.zip" else b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    _Server.content = _zip(FILES)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_model_is_fetched_from_an_address(install: Install, address: str) -> None:
    assert install.get(f"{address}/model.zip", _edition(_Server.content)).is_dir()
    with pytest.raises(ModelProblem, match="cannot be opened"):
        install.get(f"{address}/none.zip", _edition(_Server.content))


def test_the_official_editions_are_the_ones_that_were_researched() -> None:
    """speech.md 2.2."""
    assert (VOSK["zh"].size, VOSK["en"].size) == (43_898_754, 41_205_931)
    assert all(len(edition.sha256) == 64 for edition in VOSK.values())
    assert all(len(sha256) == 64 for sha256 in VOSK["zh"].files.values())
