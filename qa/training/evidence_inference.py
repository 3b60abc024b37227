"""Evidence Inference's validation part as JATS files and a question set.

    python -m qa.training.evidence_inference ../shared/bench/evidence_inference OUT
    pincite index OUT/articles --index OUT/index
    pincite eval OUT/questions.jsonl --index OUT/index --risk 1

Each prompt (an intervention, a comparator, an outcome) is asked by one template. Its evidence is
the text that the annotators chose: a sentence or two, or the cells of a table's row.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from qa.training.full_papers import read_lines

TEMPLATE = "What was the effect of {intervention} compared with {comparator} on {outcome}?"
ROW = 3
"""Line breaks from which on a piece of evidence is cells of a table: running text has none."""


def question_set(rows: Iterable[dict[str, Any]]) -> list[dict[str, object]]:
    """One question a prompt, with every piece of evidence that was chosen for it.

    Tagged ``table row`` where a piece of it is cells, else ``sentence``; and by its label.
    """
    prompts: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["evidence"].strip():
            prompts.setdefault(row["prompt_id"], []).append(row)
    questions: list[dict[str, object]] = []
    for number, own in prompts.items():
        asked = {k: " ".join(v.split()) for k, v in own[0].items() if isinstance(v, str)}
        cells = any(row["evidence"].strip().count("\n") >= ROW for row in own)
        questions.append(
            {
                "id": f"evidence-{number}",
                "question": TEMPLATE.format(**asked),
                "answerable": True,
                "evidence": [
                    {"source": f"PMC{row['pmcid']}.nxml", "quote": row["evidence"].strip()}
                    for row in own
                ],
                "tags": ["table row" if cells else "sentence", asked["label"]],
            }
        )
    return questions


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with validation.jsonl, jats.tar.gz.")],
    out: Annotated[Path, typer.Argument(help="Where articles/ and questions.jsonl go.")],
) -> None:
    """Write the validation articles as JATS files, and the questions on them."""
    rows = read_lines(folder / "validation.jsonl")
    wanted = {f"PMC{row['pmcid']}" for row in rows}
    articles = out / "articles"
    articles.mkdir(parents=True, exist_ok=True)
    written = 0
    with tarfile.open(folder / "jats.tar.gz") as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member) if member.isfile() else None
            name = Path(member.name)
            if file is not None and name.stem in wanted:
                (articles / f"{name.stem}.nxml").write_bytes(file.read())
                written += 1
    questions = question_set(rows)
    lines = [json.dumps(question, ensure_ascii=False) for question in questions]
    (out / "questions.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    typer.echo(f"{written} articles, {len(questions)} questions in {out}")


if __name__ == "__main__":
    typer.run(main)
