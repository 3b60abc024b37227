"""A calibration beside the index: what it keeps, when it is used, and what the command tells."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import qa.assistant
from corpus.document import Span
from index.base import Hit, Vectors
from index.embed import Embedder
from index.ingest import ingest
from index.local import LocalIndex
from qa.cli import main
from qa.reader import Judgement, Reader, Reading, ScoredSentence
from qa.risk.calibration import (
    CANNOT,
    CalibratedReader,
    Calibration,
    CalibrationProblem,
    calibrated,
    calibrated_on,
    forget,
    load,
    save,
    uncalibrated,
)
from qa.risk.conformal import least_number
from qa.risk.platt import LEAST, fit, scaled, unscaled

CALIBRATION = Calibration(
    reader="stub-1",
    index="0" * 16,
    questions="mine.jsonl",
    sha256="f" * 64,
    judged=120,
    unanswerable=20,
    delta=0.1,
    thresholds=((0.2, 0.8), (0.3, 0.6), (0.5, 0.1)),
)
TEXT = "# The pump\n\nThe pump of Lindau moved 40 litres a minute. Its valve was made of brass.\n"


class Constant(Embedder):
    """Sees no difference between texts."""

    name = "constant"
    dimensions = 4

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """The same vector for each."""
        return np.full((len(texts), 4), 0.5, dtype=np.float32)

    embed_queries = embed_passages


class Stub(Reader):
    """Is as sure as the question says, and quotes the first sentence that was found."""

    name = "stub-1"
    default_risk = 0.5

    def read(self, question: str, hits: Sequence[Hit], least: float = 0.0) -> Judgement:
        """The confidence is the last word of the question."""
        readings = tuple(Reading(h, 1.0, _sentences(h)) for h in hits)
        return Judgement(readings, float(question.split()[-1]) if hits else 0.0)

    def threshold(self, risk: float) -> float:
        """As sure as the risk is small."""
        return 0.0 if risk >= 1 else 1 - risk if risk > 0.02 else CANNOT


def _sentences(hit: Hit) -> tuple[ScoredSentence, ...]:
    first: Span = hit.passage.sentences[0]
    return (ScoredSentence(first, 0.9),)


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one indexed paper, asked by the stub."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PINCITE_INDEX", raising=False)
    (tmp_path / "pump.md").write_text(TEXT, encoding="utf-8")
    embedder = Constant()
    with LocalIndex(tmp_path / ".pincite", embedder) as index:
        ingest(index, embedder, [Path("pump.md")])
    for place in ("index.embed.load_embedder", "qa.assistant.load_embedder"):
        monkeypatch.setattr(place, lambda *_: embedder)
    monkeypatch.setattr(qa.assistant, "load_reader", lambda name, embedder: Stub())
    return tmp_path


@pytest.fixture
def pincite(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command; gives its exit code and what it printed on both streams."""

    def run(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main(words)
        assert isinstance(left.value.code, int)
        return left.value.code, *capfd.readouterr()

    return run


def write(name: str, answers: Sequence[tuple[float, bool]]) -> str:
    """A question file: how sure the stub will be, and whether that is right."""
    gold = [{"source": "pump.md", "quote": "The pump of Lindau moved 40 litres a minute."}]
    lines = [
        {"question": f"Which pump of Lindau, number {n}, is it: {c}"}
        | ({"evidence": gold} if right else {"answerable": False})
        for n, (c, right) in enumerate(answers)
    ]
    Path(name).write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return name


def test_a_calibration_stays_the_same_from_save_to_load(tmp_path: Path) -> None:
    assert load(tmp_path) is None
    save(CALIBRATION, tmp_path)
    assert load(tmp_path) == CALIBRATION
    assert [path.name for path in tmp_path.iterdir()] == ["calibration.json"]
    assert forget(tmp_path)
    assert not forget(tmp_path)
    assert load(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"reader": "stub-1"}'])
def test_a_damaged_calibration_is_named_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "calibration.json").write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationProblem, match=r"calibration\.json is damaged .*--forget"):
        load(tmp_path)


def test_a_calibrated_reader_answers_at_the_thresholds_that_were_found() -> None:
    reader = calibrated(Stub(), CALIBRATION)
    assert reader.threshold(0.2) == 0.8
    assert reader.threshold(0.29) == 0.8
    assert reader.threshold(0.3) == 0.6
    assert reader.threshold(0.99) == 0.1
    assert reader.threshold(1.0) == 0.0


def test_below_the_guaranteed_risks_the_stricter_of_both_thresholds_holds() -> None:
    reader = calibrated(Stub(), CALIBRATION)
    assert reader.threshold(0.1) == 0.9
    assert reader.threshold(0.19) == pytest.approx(0.81)
    strict = CALIBRATION.model_copy(update={"thresholds": ((0.2, 0.95),)})
    assert calibrated(Stub(), strict).threshold(0.1) == 0.95
    assert reader.threshold(0.01) > 1


def test_a_calibration_of_another_reader_is_not_used_and_said_so() -> None:
    other = CALIBRATION.model_copy(update={"reader": "stub-2"})
    reader = Stub()
    assert calibrated(reader, other) is reader
    assert calibrated(reader, None) is reader
    assert "not used: it was made for the reader stub-2" in other.describe("stub-1", "0" * 16)
    assert "120 questions of mine.jsonl" in CALIBRATION.describe("stub-1", "0" * 16)
    assert "has changed" not in CALIBRATION.describe("stub-1", "0" * 16)
    assert "has changed" in CALIBRATION.describe("stub-1", "1" * 16)


def test_readers_with_different_calibrations_have_different_names() -> None:
    other = CALIBRATION.model_copy(update={"delta": 0.2})
    names = {calibrated(Stub(), c).name for c in (None, CALIBRATION, other)}
    assert len(names) == 3
    reader = calibrated(Stub(), CALIBRATION)
    assert isinstance(reader, CalibratedReader)
    assert uncalibrated(reader).name == "stub-1"
    assert calibrated_on(reader) == "f" * 64
    assert calibrated_on(Stub()) is None


def test_scaling_finds_the_probability_behind_a_confidence_that_is_too_low() -> None:
    chance = np.random.default_rng(5)
    truth = chance.random(4000)
    shown = [float(1 / (1 + np.exp(-(0.5 * np.log(t / (1 - t)) - 1)))) for t in truth]
    line = fit(shown, list(chance.random(4000) < truth))
    assert line is not None
    wrong = np.abs([scaled(c, line) - t for c, t in zip(shown, truth, strict=True)])
    assert wrong.max() < 0.05


def test_scaling_keeps_the_order_and_leaves_alone_what_teaches_nothing() -> None:
    some = [n / LEAST for n in range(LEAST)]
    rising = [c > 0.4 for c in some]
    line = fit(some, rising)
    values = [scaled(c, line) for c in some]
    assert values == sorted(values)
    assert fit(some[1:], rising[1:]) is None
    assert fit(some, [True] * LEAST) is None
    assert fit(some, [not right for right in rising]) is None
    assert scaled(0.3, None) == 0.3


def test_calibrate_keeps_the_risk_from_then_on(
    collection: Path, pincite: Callable[..., tuple[int, str, str]]
) -> None:
    chance = np.random.default_rng(2)
    confidences = [round(float(c), 3) for c in chance.random(150)]
    questions = write("mine.jsonl", [(c, c > 0.3) for c in confidences])
    code, out, _ = pincite("calibrate", questions, "--risk", "0.2")
    assert code == 0
    assert "150 answers judged" in out
    found = load(collection / ".pincite")
    assert found is not None
    assert (found.judged, found.reader, found.questions) == (150, "stub-1", "mine.jsonl")
    assert found.scaling is not None
    code, out, _ = pincite("ask", "Which pump of Lindau is it: 0.6", "--risk", "0.2", "--json")
    answer = json.loads(out)
    assert answer["status"] == "answered"
    assert answer["confidence"] > 0.9
    assert answer["models"]["reader"] == f"stub-1 (calibrated {found.id})"
    code, out, _ = pincite("ask", "Which pump of Lindau is it: 0.05", "--risk", "0.2", "--json")
    assert json.loads(out)["status"] == "not_found"
    assert "Calibrated on 150 questions of mine.jsonl" in pincite("status")[1]


def test_calibrating_again_starts_from_the_reader_itself(
    collection: Path, pincite: Callable[..., tuple[int, str, str]]
) -> None:
    questions = write("mine.jsonl", [(n / 120, n > 40) for n in range(120)])
    pincite("calibrate", questions)
    first = load(collection / ".pincite")
    pincite("calibrate", questions)
    assert first is not None
    assert load(collection / ".pincite") == first
    assert pincite("calibrate", "--forget")[1] == "Calibration dropped.\n"
    assert pincite("calibrate", "--forget")[1] == "There was no calibration.\n"


def test_eval_warns_on_the_very_questions_of_the_calibration(
    collection: Path, pincite: Callable[..., tuple[int, str, str]]
) -> None:
    questions = write("mine.jsonl", [(0.9, True)] * 9 + [(0.2, False)])
    others = write("others.jsonl", [(0.9, True)] * 3)
    pincite("calibrate", questions)
    assert "calibrated on mine.jsonl itself" in pincite("eval", questions, "--report", "r.md")[2]
    assert "calibrated on mine.jsonl itself" in Path("r.md").read_text(encoding="utf-8")
    assert "warning" not in pincite("eval", others)[2]


def test_a_set_that_is_too_small_is_told_with_the_number_that_is_needed(
    collection: Path, pincite: Callable[..., tuple[int, str, str]]
) -> None:
    questions = write("mine.jsonl", [(0.9, True)] * 9)
    code, out, err = pincite("calibrate", questions, "--risk", "0.1")
    assert code == 1
    assert f"needs at least {least_number(0.1)} judged questions, not 9" in out
    assert "No question of the set is marked as unanswerable" in err
    code, out, err = pincite("calibrate", write("few.jsonl", [(0.9, True)] * 2), "--delta", "0.01")
    assert code == 1
    assert "No question of the set" in err


def test_where_nothing_can_be_guaranteed_nothing_is_written(
    collection: Path, pincite: Callable[..., tuple[int, str, str]]
) -> None:
    code, _, err = pincite("calibrate", write("bad.jsonl", [(0.9, False)] * 30))
    assert code == 1
    assert "nothing was written" in err
    assert load(collection / ".pincite") is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "Name a question set"),
        (["q.jsonl", "--forget"], "one of the two"),
        (["q.jsonl", "--risk", "1"], "--risk must be above 0 and below 1"),
        (["q.jsonl", "--delta", "0"], "--delta must be above 0 and below 1"),
        (["q.jsonl", "--index", "elsewhere"], "There is no index at elsewhere"),
        (["none.jsonl"], "none.jsonl cannot be read"),
        (["q.jsonl"], "says of no question what a right answer is"),
    ],
)
def test_wrong_use_of_calibrate_is_told_in_one_sentence(
    collection: Path,
    pincite: Callable[..., tuple[int, str, str]],
    words: list[str],
    reason: str,
) -> None:
    Path("q.jsonl").write_text('{"question": "Which pump is it: 0.5"}\n', encoding="utf-8")
    code, _, err = pincite("calibrate", *words)
    assert code == 2
    assert reason in err
    assert "Traceback" not in err


def test_status_names_a_damaged_calibration_and_ask_refuses_it(
    collection: Path, pincite: Callable[..., tuple[int, str, str]]
) -> None:
    (collection / ".pincite" / "calibration.json").write_text("{", encoding="utf-8")
    code, out, _ = pincite("status")
    assert code == 0
    assert "calibration.json is damaged" in out
    code, _, err = pincite("ask", "Which pump is it: 0.5")
    assert code == 2
    assert "calibration.json is damaged" in err


@pytest.mark.parametrize("confidence", [0.0, 0.07, 0.5, 0.9, 1.01])
def test_a_confidence_is_found_again_on_the_other_side_of_the_line(confidence: float) -> None:
    line = (0.7, -0.4)
    back = unscaled(confidence, line)
    assert back == confidence if confidence in (0.0, 1.01) else confidence != back
    assert unscaled(confidence, None) == confidence
    if 0.0 < confidence < 1.0:
        assert scaled(back, line) == pytest.approx(confidence, abs=1e-3)


def test_a_line_that_hardly_rises_is_gone_back_too() -> None:
    assert unscaled(0.9, (1e-5, 0.0)) == pytest.approx(1.0)


def test_a_line_that_falls_makes_nothing_hopeless() -> None:
    assert unscaled(0.5, (-1.0, 0.2)) == 0.0
