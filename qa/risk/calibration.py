"""What a person's own questions said of a reader: kept beside the index, used from then on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.base import Hit, IndexProblem
from qa.reader import Judgement, Reader
from qa.risk.conformal import threshold_at
from qa.risk.platt import scaled, unscaled

NAME = "calibration.json"
"""Name of the file in the index's folder."""

CANNOT = 1.01
"""A threshold that no confidence reaches."""


class CalibrationProblem(IndexProblem):
    """A calibration file that cannot be read or written; the message is for the person."""


class Calibration(BaseModel):
    """What ``pincite calibrate`` found.

    Attributes:
        reader: name of the reader whose answers were judged.
        index: fingerprint of the collection that was asked.
        questions: name of the question file; ``sha256`` is of its bytes.
        judged: how many of its questions had an answer that could be judged.
        unanswerable: how many of those the collection holds no answer to.
        delta: accepted chance that a threshold does not keep its risk.
        thresholds: (risk, least confidence), rising in risk; only risks that were guaranteed.
        scaling: slope and intercept on the logit of the reader's confidence; None to leave it
            alone. Thresholds are confidences after scaling.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reader: str
    index: str
    questions: str
    sha256: str
    judged: int = Field(ge=1)
    unanswerable: int = Field(ge=0)
    delta: float = Field(gt=0, lt=1)
    thresholds: tuple[tuple[float, float], ...] = Field(min_length=1)
    scaling: tuple[float, float] | None = None

    @property
    def id(self) -> str:
        """Eight hex digits that tell this calibration from any other."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    @property
    def least_risk(self) -> float:
        """The smallest risk that was guaranteed."""
        return self.thresholds[0][0]

    def describe(self, reader: str, index: str) -> str:
        """Say in a sentence or two what it is, and whether it is used.

        Args:
            reader: name of the reader in use, uncalibrated.
            index: the collection's fingerprint now.
        """
        if reader != self.reader:
            return (
                f"{NAME} is not used: it was made for the reader {self.reader}, "
                f"and this is {reader}. Run 'pincite calibrate' again."
            )
        said = (
            f"Calibrated on {self.judged} questions of {self.questions}: risks from "
            f"{self.least_risk:g} up are guaranteed with probability {1 - self.delta:g}."
        )
        changed = " The collection has changed since." if index != self.index else ""
        return said + changed


class CalibratedReader(Reader):
    """A reader that keeps the risks of a calibration.

    For risks below those that were guaranteed the reader's own threshold holds, but never a
    laxer one than the strictest that was found.
    """

    def __init__(self, reader: Reader, calibration: Calibration) -> None:
        self.reader = reader
        self.calibration = calibration

    @property
    def name(self) -> str:
        """The reader's name, and which calibration: equal names give equal answers."""
        return f"{self.reader.name} (calibrated {self.calibration.id})"

    @property
    def default_risk(self) -> float:
        """The reader's own."""
        return self.reader.default_risk

    def read(self, question: str, hits: Sequence[Hit], least: float = 0.0) -> Judgement:
        """Judge as the reader does, with its confidence scaled."""
        own = unscaled(least, self.calibration.scaling)
        judgement = self.reader.read(question, hits, own)
        if not hits:
            return judgement
        confidence = scaled(judgement.confidence, self.calibration.scaling)
        return Judgement(judgement.readings, confidence)

    def threshold(self, risk: float) -> float:
        """The calibration's threshold; see ``Reader.threshold``."""
        if risk >= 1.0:
            return 0.0
        found = threshold_at(self.calibration.thresholds, risk)
        if found is not None:
            return found
        own = self.reader.threshold(risk)
        strictest = self.calibration.thresholds[0][1]
        return CANNOT if own > 1 else max(strictest, scaled(own, self.calibration.scaling))


def calibrated(reader: Reader, calibration: Calibration | None) -> Reader:
    """The reader as a calibration has it; as it is where there is none for it."""
    if calibration is None or calibration.reader != reader.name:
        return reader
    return CalibratedReader(reader, calibration)


def uncalibrated(reader: Reader) -> Reader:
    """The reader without its calibration."""
    return reader.reader if isinstance(reader, CalibratedReader) else reader


def calibrated_on(reader: Reader) -> str | None:
    """The sha256 of the question file that a reader was calibrated on, if it was."""
    return reader.calibration.sha256 if isinstance(reader, CalibratedReader) else None


def load(index: Path) -> Calibration | None:
    """The calibration of the index in a folder; None where there is none.

    Raises:
        CalibrationProblem: the file is there but cannot be used.
    """
    path = index / NAME
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CalibrationProblem(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = f"{where}: {first['msg']}" if where else first["msg"]
        raise CalibrationProblem(
            f"{path} is damaged ({reason}). Drop it with 'pincite calibrate --forget'."
        ) from None


def save(calibration: Calibration, index: Path) -> Path:
    """Write the calibration into the index's folder, in one step.

    Raises:
        CalibrationProblem: it cannot be written.
    """
    path = index / NAME
    half = path.with_name(f"{NAME}.half")
    try:
        index.mkdir(parents=True, exist_ok=True)
        half.write_bytes(f"{calibration.model_dump_json(indent=1)}\n".encode())
        half.replace(path)
    except OSError as error:
        raise CalibrationProblem(f"{path} cannot be written: {error.strerror}.") from error
    return path


def forget(index: Path) -> bool:
    """Drop the calibration from the index's folder; False where there was none.

    Raises:
        CalibrationProblem: it cannot be dropped.
    """
    path = index / NAME
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CalibrationProblem(f"{path} cannot be dropped: {error.strerror}.") from error
    return True
