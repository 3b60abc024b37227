"""Evidence Inference's validation part as JATS files and a question set.

    python -m qa.training.evidence_inference ../shared/bench/evidence_inference OUT
    pincite index OUT/articles --index OUT/index
    pincite eval OUT/questions.jsonl --index OUT/index --risk 1

``--part train`` writes the training prompts' articles, as far as they are there, which is mostly as
text: for choices that the validation part must not be asked about.

Each prompt (an intervention, a comparator, an outcome) is asked by one template. Its evidence is
the text that the annotators chose: a sentence or two, or the cells of a table's row.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from qa.training.full_papers import read_lines

TEMPLATE = "What was the effect of {intervention} compared with {comparator} on {outcome}?"
ROW = 3
"""Line breaks from which on a piece of evidence is cells of a table: running text has none."""


def question_set(
    rows: Iterable[dict[str, Any]], sources: Mapping[str, str]
) -> list[dict[str, object]]:
    """One question a prompt, with every piece of evidence that was chosen for it.

    Tagged ``table row`` where a piece of it is cells, else ``sentence``; and by its label.

    Args:
        rows: the annotations.
        sources: the files of the articles, by their names; of others nothing is asked.
    """
    prompts: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["evidence"].strip() and f"PMC{row['pmcid']}" in sources:
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
                    {"source": sources[f"PMC{row['pmcid']}"], "quote": row["evidence"].strip()}
                    for row in own
                ],
                "tags": ["table row" if cells else "sentence", asked["label"]],
            }
        )
    return questions


def write_articles(folder: Path, wanted: Iterable[str], out: Path) -> dict[str, str]:
    """Write articles as JATS files, or as text where there is no JATS.

    Args:
        folder: with the archives.
        wanted: the articles' names, as ``PMC59610``.
        out: folder.

    Returns:
        The files written, by the articles' names.
    """
    out.mkdir(parents=True, exist_ok=True)
    missing = set(wanted)
    written: dict[str, str] = {}
    for archive, suffix in (("jats.tar.gz", ".nxml"), ("fulltext.tar.gz", ".txt")):
        with tarfile.open(folder / archive) as opened:
            for member in opened.getmembers():
                file = opened.extractfile(member) if member.isfile() else None
                name = Path(member.name).stem
                if file is not None and name in missing:
                    written[name] = f"{name}{suffix}"
                    (out / written[name]).write_bytes(file.read())
                    missing.remove(name)
    return written


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with the parts and the archives.")],
    out: Annotated[Path, typer.Argument(help="Where articles/ and questions.jsonl go.")],
    part: Annotated[str, typer.Option(help="validation or train.")] = "validation",
) -> None:
    """Write a part's articles, and the questions on them."""
    rows = read_lines(folder / f"{part}.jsonl")
    sources = write_articles(folder, {f"PMC{row['pmcid']}" for row in rows}, out / "articles")
    questions = question_set(rows, sources)
    lines = [json.dumps(question, ensure_ascii=False) for question in questions]
    (out / "questions.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    typer.echo(f"{len(sources)} articles, {len(questions)} questions in {out}")


if __name__ == "__main__":
    typer.run(main)
