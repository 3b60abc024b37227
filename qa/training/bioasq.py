"""BioASQ as a collection and a question set: abstracts as files, questions with gold snippets.

    python -m qa.training.bioasq ../shared/bench/bioasq OUT
    pincite index OUT/abstracts --index OUT/index
    pincite eval OUT/questions.jsonl --index OUT/index --risk 1

The abstracts of all years are indexed; only the questions of the dev part (11b) are asked. An
abstract's title may be a gold snippet, so it stands as the first paragraph too: titles as such are
never quoted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

POOL = "abstracts.jsonl"


@dataclass(frozen=True, slots=True)
class Abstract:
    """A document of the pool: ``text`` is what is written to the file ``source``."""

    pmid: str
    source: str
    text: str

    def places(self, snippet: str) -> list[tuple[int, int]]:
        """Where a snippet stands in ``text``, as ``[start, end)`` characters; empty if nowhere."""
        wanted = snippet.strip()
        body = self.text.find("\n---\n", 4)
        start = self.text.find(wanted, body) if wanted else -1
        return [(start, start + len(wanted))] if start >= 0 else []


def read_pool(folder: Path) -> dict[str, Abstract]:
    """The abstracts by PMID, each as the Markdown file that is indexed."""
    pool = {}
    for entry in _lines(folder / POOL):
        title, pmid = " ".join(entry["title"].split()), entry["pmid"]
        head = json.dumps({"title": title, "pmid": pmid}, ensure_ascii=False, indent=0)
        text = f"---\n{head}\n---\n\n{title}\n\n{entry['text'].strip()}\n"
        pool[pmid] = Abstract(pmid, f"{pmid}.md", text)
    return pool


def read_questions(path: Path) -> list[dict[str, Any]]:
    """The questions of a file as they are, one object each."""
    return list(_lines(path))


def question_set(
    questions: list[dict[str, Any]], pool: dict[str, Abstract]
) -> list[dict[str, object]]:
    """The questions in the format of question sets, with the places of their snippets.

    Snippets that do not stand in the pool letter for letter are left out, and with the last one
    the question.
    """
    out: list[dict[str, object]] = []
    for question in questions:
        evidence = [
            {"source": abstract.source, "quote": "", "start": start, "end": end}
            for snippet in question["snippets"]
            if (abstract := pool.get(snippet["pmid"])) is not None
            for start, end in abstract.places(snippet["text"])
        ]
        if not evidence:
            continue
        factoid = question["type"] == "factoid"
        out.append(
            {
                "id": f"bioasq-{question['id']}",
                "question": " ".join(question["question"].split()),
                "answerable": True,
                "answers": [n for names in question["exact_answers"] or [] for n in names]
                if factoid
                else [],
                "evidence": evidence,
                "tags": [question["type"]],
            }
        )
    return out


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with abstracts.jsonl and dev_11b.jsonl.")],
    out: Annotated[Path, typer.Argument(help="Where abstracts/ and questions.jsonl go.")],
) -> None:
    """Write the pool as files and the dev questions as a question set."""
    pool = read_pool(folder)
    abstracts = out / "abstracts"
    abstracts.mkdir(parents=True, exist_ok=True)
    for abstract in pool.values():
        (abstracts / abstract.source).write_bytes(abstract.text.encode("utf-8"))
    questions = question_set(read_questions(folder / "dev_11b.jsonl"), pool)
    lines = [json.dumps(question, ensure_ascii=False) for question in questions]
    (out / "questions.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    typer.echo(f"{len(pool)} abstracts, {len(lines)} questions in {out}")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


if __name__ == "__main__":
    typer.run(main)
