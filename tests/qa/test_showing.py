"""``pincite show``: quotes of an answers file in their originals."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from corpus.load import load
from index import open_index
from index.embed import Embedder
from index.ingest import ingest
from qa.answer import Answer
from qa.cli import main
from tests.qa.htmltree import find, find_all, text, tree
from tests.qa.librarian import PAPERS, Librarian

BOAT = "The keel of the steamboat Aurelia is three metres deep."
Run = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def show(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``pincite show``: the exit code, the lines printed, the messages."""
    monkeypatch.delenv("PINCITE_INDEX", raising=False)

    def run(*words: str | Path) -> tuple[int, list[str], str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["show", *map(str, words)])
        assert isinstance(left.value.code, int)
        out, err = capfd.readouterr()
        return left.value.code, out.splitlines(), err

    return run


@pytest.fixture
def boats(papers: Path) -> Path:
    """A PDF among the papers."""
    canvas = Canvas(str(papers / "boats.pdf"), pagesize=A4, invariant=1)
    canvas.setFont("Times-Roman", 12)
    canvas.drawString(60, 600, BOAT)
    canvas.save()
    return papers / "boats.pdf"


@pytest.fixture
def asked(boats: Path) -> list[Answer]:
    """Answers from the papers, one of them declined."""
    librarian = Librarian([load(Path(name)) for name in [*PAPERS, boats.name]])
    return [
        librarian.ask("keel steamboat Aurelia deep", id="boat"),
        librarian.ask("Load checked Brandt 1921", id="load/1921", risk=1),
        librarian.ask("Which gnomes live in the submarines?", id="gnomes"),
        librarian.ask("Which engineer opened the bridge Lindau?", risk=1),
    ]


def write(answers: Sequence[Answer], name: str = "answers.jsonl") -> Path:
    path = Path(name)
    path.write_text("".join(f"{a.model_dump_json()}\n" for a in answers), encoding="utf-8")
    return path


def test_pages_become_pictures_and_paragraphs_become_web_pages(
    asked: list[Answer], show: Run
) -> None:
    code, lines, err = show(write(asked), "-o", "out")
    assert (code, err) == (0, "")
    assert lines[0] == "boat [1] page 1 of boats.pdf: out/boat-1-p1.png"
    assert "load/1921 [1] line 12 of bridge.md: out/load-1921-1.html" in lines
    assert "line-4 [1] line 5 of bridge.md: out/line-4-1.html" in lines
    written = {path.name for path in Path("out").iterdir()}
    assert written == {Path(line.rsplit(": ", 1)[1]).name for line in lines}
    assert len(lines) == sum(len(answer.quotes) for answer in asked)
    picture = Image.open(io.BytesIO(Path("out/boat-1-p1.png").read_bytes()))
    assert picture.size == (1191, 1684)
    assert (255, 228, 92) in {color for _, color in picture.getcolors(1 << 16) or []}


def test_a_paragraph_s_page_shows_the_quote_where_it_stands(asked: list[Answer], show: Run) -> None:
    show(write(asked), "-o", "out", "--id", "load/1921", "--n", "1")
    page = tree(Path("out/load-1921-1.html").read_text("utf-8").removeprefix("<!doctype html>"))
    assert text(find(page, "h1")) == "The bridge at Lindau"
    assert [text(cell) for cell in find_all(page, "td")] == ["1921", "55 t", "Brandt & Söhne"]
    assert text(find(page, cls="pc-path")) == "Load"
    assert "Line 12 of bridge.md" in text(find(page, "figcaption"))


def test_one_answer_and_one_citation_can_be_chosen(asked: list[Answer], show: Run) -> None:
    path = write(asked)
    cited = [quote.citation for answer in asked for quote in answer.quotes]
    assert cited.count(2) > 0
    for n in (1, 2):
        assert len(show(path, "-o", "out", "--n", str(n))[1]) == cited.count(n)
    _, lines, _ = show(path, "-o", "out", "--id", "boat")
    assert [line.split(" ")[0] for line in lines] == ["boat"] * len(asked[0].quotes)


def test_ids_that_look_alike_as_file_names_get_files_of_their_own(
    asked: list[Answer], show: Run
) -> None:
    ids = ["a/b", "a-b", "A:B", "../../x", "é" * 300, "con", "..", "\x1b[1m"]
    answers = [asked[0].model_copy(update={"id": id}) for id in ids]
    code, lines, _ = show(write(answers), "-o", "out", "--n", "1")
    assert code == 0
    names = {path.name.casefold() for path in Path("out").iterdir()}
    assert len(names) == len(lines) == len(ids)
    assert not any("\x1b" in line for line in lines)


def test_with_an_index_the_stored_words_are_shown_where_the_file_has_changed(
    asked: list[Answer], show: Run, embedder: Embedder, boats: Path
) -> None:
    with open_index(Path(".pincite"), embedder) as store:
        ingest(store, embedder, [Path(boats.name)])
    path = write(asked[:1])
    boats.write_bytes(boats.read_bytes() + b"\n")
    code, lines, err = show(path, "-o", "out")
    assert code == 1
    assert "boats.pdf has changed since it was indexed." in err
    assert lines == ["boat [1] paragraph of boats.pdf: out/boat-1.html"]
    page = tree(Path("out/boat-1.html").read_text("utf-8").removeprefix("<!doctype html>"))
    assert text(find(page, "mark")) == BOAT


def test_without_an_index_a_changed_file_is_refused_and_the_others_are_shown(
    asked: list[Answer], show: Run, boats: Path
) -> None:
    boats.write_bytes(boats.read_bytes() + b"\n")
    code, lines, err = show(write(asked[:2]), "-o", "out")
    assert code == 1
    assert "cannot be shown: boats.pdf has changed since it was indexed" in err
    assert [line.split(" ")[0] for line in lines] == ["load/1921"] * len(asked[1].quotes)


def test_a_quote_that_is_not_verbatim_is_not_shown(asked: list[Answer], show: Run) -> None:
    record = json.loads(asked[0].model_dump_json())
    record["quotes"][0]["text"] = record["quotes"][0]["text"].replace("three", "seven")
    path = Path("answers.jsonl")
    path.write_text(f"{json.dumps(record)}\nno answer\n", encoding="utf-8")
    code, lines, err = show(path, "-o", "out", "--n", "1")
    assert (code, lines) == (1, [])
    assert "answers.jsonl, line 1, citation 1 differs from boats.pdf" in err
    assert "answers.jsonl, line 2 is not valid JSON" in err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["answers.csv", "-o", "out"], "answers.csv must end in .jsonl"),
        (["none.jsonl", "-o", "out"], "none.jsonl cannot be read"),
        (["empty.jsonl", "-o", "out"], "empty.jsonl holds no quote."),
        (["answers.jsonl"], "--out"),
        (["answers.jsonl", "-o", "bridge.md"], "bridge.md cannot be made"),
        (["answers.jsonl", "-o", "bridge.md/x"], "bridge.md/x cannot be made"),
        (
            ["answers.jsonl", "-o", "out", "--id", "x"],
            'answers.jsonl holds no quote of an answer with the id "x".',
        ),
        (["answers.jsonl", "-o", "out", "--n", "9"], "answers.jsonl holds no citation 9."),
    ],
)
def test_wrong_use_is_told_in_one_sentence_with_exit_code_2(
    asked: list[Answer], show: Run, words: Sequence[str], reason: str
) -> None:
    write(asked)
    Path("empty.jsonl").touch()
    code, lines, err = show(*words)
    assert (code, lines) == (2, [])
    assert reason in err
    assert "Traceback" not in err
    assert not Path("out").exists()
