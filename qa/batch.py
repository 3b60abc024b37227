"""Batch: a file of questions in, a file of answers out, resumed where it was stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from qa.answer import Answer
from qa.asking import Asks, ask, is_answer_to
from qa.export import TextOf, to_csv, to_json_line, to_markdown
from qa.jsonl import parse
from qa.question_set import Question

log = logging.getLogger(__name__)

FORMATS = (".jsonl", ".csv", ".md", ".html", ".docx")
_BEGINS = b'{"id":'


class OutputProblem(Exception):
    """An output file that must not or cannot be written; the message is for the person."""


@dataclass(slots=True)
class BatchReport:
    """What a run did.

    Attributes:
        asked: answers that it asked for.
        kept: answers of an earlier run that it kept.
        answered: answers with quotes, of all; counted at the end.
        refused: a sentence for each question that could not be answered.
        outdated: whether there were earlier answers that a changed index, model or risk made void.
    """

    asked: int = 0
    kept: int = 0
    answered: int = 0
    refused: list[str] = field(default_factory=list)
    outdated: bool = False


def journal_path(out: Path) -> Path:
    """Where answers gather while ``out`` is under way; JSON lines are their own journal."""
    return out if out.suffix.lower() == ".jsonl" else out.with_name(f"{out.name}.partial.jsonl")


def run_batch(
    assistant: Asks,
    questions: Sequence[Question],
    out: Path,
    text_of: TextOf,
    *,
    risk: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    report: BatchReport | None = None,
) -> BatchReport:
    """Ask every question and write the answers to ``out``, in the order of the questions.

    Each answer is on disk as soon as it is given, so a run that was stopped goes on where it
    stopped, and the finished file is the same, byte for byte, as if it had not been. Earlier
    answers are kept only where the first of them, asked again, comes out the same: an index or a
    model that has changed since starts the file anew.

    Args:
        assistant: who answers.
        questions: what to ask; ids must differ.
        out: the file to write; its ending (one of ``FORMATS``) says how.
        text_of: the texts that every quote is held against before it is written.
        risk: accepted share of wrong answers among the given ones; None for the default.
        progress: called with the number done and the number of all, before and after each one; what
            it raises stops the run there.
        report: filled in as the run goes on, for who wants to know before its end.

    Returns:
        What was done. A question that cannot be answered is refused with a sentence.

    Raises:
        OutputProblem: ``out`` has an unknown ending, holds something else, or cannot be written.
    """
    if out.suffix.lower() not in FORMATS:
        raise OutputProblem(
            f"{out} has an unknown ending: answers are written as "
            f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        )
    journal = journal_path(out)
    report = report or BatchReport()
    run = _Run(assistant, text_of, risk, report)
    with _writing(out):
        written = _written(journal)
    kept = run.still_true(written, questions)
    lines = run.fill(journal, written, kept, questions, progress or (lambda done, total: None))
    answers = [_answer(line) for line in lines]
    report.answered = sum(answer.status == "answered" for answer in answers)
    if journal != out:
        with _writing(out):
            _finish(out, answers, text_of, report.refused)
            journal.unlink()
    return report


@dataclass(frozen=True, slots=True)
class _Run:
    """What stays the same from one question to the next."""

    assistant: Asks
    text_of: TextOf
    risk: float | None
    report: BatchReport

    def line(self, question: Question) -> bytes:
        """Ask the question and give its answer as a checked line, with its line end."""
        answer = ask(self.assistant, question, self.risk)
        return f"{to_json_line(answer, self.text_of)}\n".encode()

    def still_true(
        self, written: Sequence[bytes], questions: Sequence[Question]
    ) -> dict[str, bytes]:
        """Find the written lines that answer a question, by its id; none if outdated."""
        asked = {question.id: question for question in questions}
        kept: dict[str, bytes] = {}
        for line in written:
            answer = _answer(line)
            question = asked.get(answer.id or "")
            if question is not None and is_answer_to(self.assistant, question, answer):
                kept[question.id] = line
        first = next(iter(kept), None)
        if first is None or self._same(asked[first], kept[first]):
            return kept
        self.report.outdated = True
        log.warning(
            "The index, the models or the risk are not what they were when the %d answers "
            "found were written: all are asked again.",
            len(kept),
        )
        return {}

    def _same(self, question: Question, line: bytes) -> bool:
        try:
            return self.line(question) == line
        except (KeyError, ValueError):
            return False

    def fill(
        self,
        journal: Path,
        written: Sequence[bytes],
        kept: dict[str, bytes],
        questions: Sequence[Question],
        progress: Callable[[int, int], None],
    ) -> list[bytes]:
        """Bring the journal to one line a question, in order, and give its lines."""
        lines: list[bytes] = []
        for question, line in zip(questions, written, strict=False):
            if kept.get(question.id) != line:
                break
            lines.append(line)
        self.report.kept = len(lines)
        with _writing(journal), journal.open("ab") as file:
            # What stands behind the lines that can stay (a torn line, other questions) goes.
            file.truncate(sum(map(len, lines)))
        for number in range(len(lines), len(questions)):
            progress(number, len(questions))
            new = self._kept_or_asked(questions[number], kept)
            if new:
                with _writing(journal), journal.open("ab") as file:
                    file.write(new)
                lines.append(new)
        progress(len(questions), len(questions))
        return lines

    def _kept_or_asked(self, question: Question, kept: dict[str, bytes]) -> bytes | None:
        if question.id in kept:
            self.report.kept += 1
            return kept[question.id]
        try:
            line = self.line(question)
        except KeyError:
            self.report.refused.append(
                f"{question.id}: a document that it quotes left the index while it was answered."
            )
            return None
        except ValueError as error:
            reason = str(error).removeprefix(f"{question.id}: ").rstrip(".")
            self.report.refused.append(f"{question.id}: {reason}.")
            return None
        self.report.asked += 1
        return line


def _written(journal: Path) -> list[bytes]:
    """Read the complete lines of an earlier run, each an answer, but no torn last one."""
    if not journal.exists():
        return []
    lines = journal.read_bytes().splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n") and _BEGINS.startswith(lines[-1][: len(_BEGINS)]):
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            _answer(line)
        except ValueError as error:
            raise OutputProblem(
                f"{journal} is there already and holds something else than answers: "
                f"line {number} {error}. Choose another name, or remove it."
            ) from None
    return lines


def _answer(line: bytes) -> Answer:
    return parse(Answer, line.decode("utf-8", errors="surrogateescape").strip())


def rendered(
    answers: Sequence[Answer], text_of: TextOf, ending: str, refused: Sequence[str] = ()
) -> bytes:
    """Give the answers as a file of a format that is made from the answer records.

    Args:
        answers: the answers in the order of the questions.
        text_of: the texts that every quote is held against.
        ending: one of ``FORMATS``, but not ".jsonl".
        refused: a sentence for each question that could not be answered; the reports name them.

    Raises:
        qa.answer.NotVerbatim: a quote differs from its document.
        KeyError: a document that is quoted has left the index.
    """
    if ending == ".csv":
        return to_csv(answers, text_of).encode()
    if ending == ".html":
        from qa.report_html import to_html

        return to_html(answers, text_of, refused).encode()
    if ending == ".docx":
        from qa.report_docx import to_docx

        return to_docx(answers, text_of, refused)
    return to_markdown(answers, text_of).encode()


def _finish(out: Path, answers: Sequence[Answer], text_of: TextOf, refused: Sequence[str]) -> None:
    """Write the finished file in one step, so that it is never seen half written."""
    try:
        content = rendered(answers, text_of, out.suffix.lower(), refused)
    except KeyError:
        raise OutputProblem(
            f"{out} is not written: a document that it quotes has left the index. "
            "Run the command again."
        ) from None
    half = out.with_name(f"{out.name}.half")
    half.write_bytes(content)
    half.replace(out)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputProblem(f"{path} cannot be written: {error.strerror or error}.") from error
