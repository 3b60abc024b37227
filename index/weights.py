"""Model files on this machine: whose bytes they are, and libraries that keep to them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.base import IndexProblem


def sha256_of(path: Path) -> str:
    """The hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_weights(path: Path, expected: str, whose: str, package: str) -> None:
    """Hold a file of weights against its sha256.

    Args:
        path: the file.
        expected: hex digest of its bytes.
        whose: "model" or "reader", for the message.
        package: what to install again where the file is not right.

    Raises:
        IndexProblem: the file is missing, or has another digest.
    """
    if not path.is_file():
        raise IndexProblem(f"The {whose}'s weights are missing: {path}. Reinstall {package}.")
    if sha256_of(path) != expected:
        raise IndexProblem(
            f"The {whose}'s weights are not the expected ones: {path} has another sha256 than "
            f"{expected[:12]}…. Reinstall {package}."
        )


def on_disk(path: Path, name: str) -> npt.NDArray[np.float32]:
    """A tensor of a safetensors file, left on disk: only what is used of it is read.

    Raises:
        IndexProblem: it is not in single precision.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(size))[name]
    if entry["dtype"] != "F32":
        raise IndexProblem(f"The model's weights in {path} are {entry['dtype']}, not F32.")
    start = 8 + size + int(entry["data_offsets"][0])
    return np.memmap(path, np.float32, "r", offset=start, shape=tuple(entry["shape"]))


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def prepare_libraries(*, local: bool) -> None:
    """Set what the model libraries read once, and silence them; call before they are imported.

    Args:
        local: the model lies on this machine, and nothing from outside is needed.
    """
    if local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # Threads that wait by spinning starve everything beside them: on two cores with one other
    # busy process a batch took 4.6 times as long as with threads that sleep.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from transformers.utils import logging as transformers_logging

    # Whether to show progress is for the caller to decide, not for a library.
    hide_progress: Callable[[], None] = transformers_logging.disable_progress_bar
    hide_progress()
