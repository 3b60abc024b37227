"""Settings, read from the environment: ``PINCITE_INDEX``, ``PINCITE_EMBEDDER`` and the like."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a person can choose without touching code. Each name is upper-cased after ``PINCITE_``.

    Attributes:
        index: folder of the index.
        embedder: name or path of a sentence-transformers model; empty for the packaged
            all-MiniLM-L6-v2, in the precision that the index has or, where it is new, that is
            fastest here.
        device: what the embedder runs on, as torch names it: ``cpu``, ``cuda``.
        reader: ``overlap``, or name or path of a cross-encoder or question-answering model; empty
            for the reader that comes with Pincite.
        candidates: passages that retrieval hands to the reader.
        risk: accepted share of wrong answers among the given ones, in (0, 1]; None for the
            default of the reader.
        read_seconds: how long the reading of one file may take, and one second more for each MB.
        read_memory: how many MB the process that reads files may use.
    """

    model_config = SettingsConfigDict(env_prefix="PINCITE_", extra="ignore", frozen=True)

    index: Path = Path(".pincite")
    embedder: str = ""
    device: str = "cpu"
    reader: str = ""
    candidates: int = Field(default=20, ge=1, le=1000)
    risk: float | None = Field(default=None, gt=0.0, le=1.0)
    read_seconds: float = Field(default=120.0, ge=1.0)
    read_memory: int = Field(default=1400, ge=200)
