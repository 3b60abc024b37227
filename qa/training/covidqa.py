"""COVID-QA as a collection and a question set: papers as text files, questions with gold spans.

    python -m qa.training.covidqa ../shared/bench/covidqa OUT
    pincite index OUT/papers --index OUT/index
    pincite eval OUT/questions.jsonl --index OUT/index --risk 1

The papers of both parts are indexed; only the dev part's questions are asked. Those of the training
part lie beside them, in train.jsonl, for choices that dev must not be asked about.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from qa.training.squad import Paper, read_squad


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with train.json and dev.json.")],
    out: Annotated[Path, typer.Argument(help="Where papers/ and questions.jsonl go.")],
) -> None:
    """Write the papers and the questions of both parts."""
    train, dev = read_squad(folder / "train.json"), read_squad(folder / "dev.json")
    papers = out / "papers"
    papers.mkdir(parents=True, exist_ok=True)
    for paper in [*train, *dev]:
        # Bytes, so that no line end is translated: gold spans count the characters as they are.
        (papers / paper.source).write_bytes(paper.text.encode("utf-8"))
    for name, part in (("train.jsonl", train), ("questions.jsonl", dev)):
        lines = [json.dumps(question, ensure_ascii=False) for question in question_set(part)]
        (out / name).write_text("\n".join(lines) + "\n", "utf-8")
    typer.echo(f"{len(train) + len(dev)} papers, {len(lines)} questions in {out}")


def question_set(papers: Sequence[Paper]) -> list[dict[str, object]]:
    """The papers' questions in the format of question sets, with exact gold spans."""
    return [
        {
            "id": f"covidqa-{Path(paper.source).stem}-{question.id}",
            "question": question.question,
            "answerable": True,
            "answers": list(dict.fromkeys(question.answers)),
            "evidence": [
                {"source": paper.source, "quote": paper.text[start:end], "start": start, "end": end}
                for start, end in question.spans
            ],
        }
        for paper in papers
        for question in paper.questions
    ]


if __name__ == "__main__":
    typer.run(main)
