"""SQuAD-format files of whole papers: papers, questions, and where their answers stand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PaperQuestion:
    """A question with its gold answers as ``[start, end)`` offsets into the paper's text."""

    id: str
    question: str
    answers: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper's full text, the name of the file it is written to, and its questions."""

    source: str
    text: str
    questions: tuple[PaperQuestion, ...]


def read_squad(path: Path) -> list[Paper]:
    """Read the papers of a SQuAD-format file (Rajpurkar et al. 2016), one a paragraph.

    Args:
        path: a JSON file with ``data[].paragraphs[].context`` and ``qas``.

    Raises:
        ValueError: an answer does not stand where the file says it does.
    """
    data = json.loads(path.read_text("utf-8"))["data"]
    papers: list[Paper] = []
    for article in data:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            source = f"{paragraph.get('document_id', f'{path.stem}-{len(papers)}')}.txt"
            questions = tuple(_question(q, text, path) for q in paragraph["qas"])
            papers.append(Paper(source, text, questions))
    return papers


def _question(entry: dict[str, object], text: str, path: Path) -> PaperQuestion:
    answers = entry.get("answers")
    spans: list[tuple[int, int]] = []
    texts: list[str] = []
    for answer in answers if isinstance(answers, list) else []:
        words, start = str(answer["text"]), int(answer["answer_start"])
        if text[start : start + len(words)] != words:
            raise ValueError(f"{path}: the answer of question {entry['id']} is not at {start}")
        lead = len(words) - len(words.lstrip())
        spans.append((start + lead, start + len(words.rstrip())))
        texts.append(words.strip())
    return PaperQuestion(str(entry["id"]), str(entry["question"]), tuple(texts), tuple(spans))
