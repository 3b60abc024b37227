"""The command line, run as a person runs it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from index.base import Within
from qa.accounts import Accounts
from qa.answer import Answer
from qa.assistant import Assistant
from qa.cli import main
from qa.cli_page import page
from qa.export import escape
from tests.qa.librarian import PAPERS

ROOT = Path(__file__).parents[2]
FERRY = "How many minutes did the ferry take to cross the lake?"


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Terminal:
    """Runs commands in this process and keeps what they print."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *words: str | Path) -> Ran:
        """Run ``pincite`` with these words."""
        self._capture.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        assert isinstance(left.value.code, int)
        return Ran(left.value.code, *self._capture.readouterr())


@pytest.fixture
def pincite(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The program. What it prints is caught at the file descriptors, where libraries print too."""
    monkeypatch.delenv("PINCITE_INDEX", raising=False)
    return Terminal(capfd)


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the papers and their index in ``.pincite``."""
    folder = tmp_path_factory.mktemp("papers")
    for name, text in PAPERS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with chdir(folder), pytest.raises(SystemExit) as left:
        main(["index", *PAPERS])
    assert left.value.code == 0
    return folder


@pytest.fixture
def here(indexed: Path) -> Iterator[Path]:
    """The indexed papers as the working directory."""
    with chdir(indexed):
        yield indexed


def write(path: Path, *records: Mapping[str, object]) -> Path:
    lines = (json.dumps(record) for record in records)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_help_comes_without_loading_anything_heavy() -> None:
    code = "import sys, qa.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(python("-c", code).stdout.split())
    assert "typer" in loaded
    assert not loaded & {"torch", "transformers", "gradio", "numpy", "pydantic", "ranx", "faiss"}


def test_the_page_on_the_command_line_is_what_the_program_says() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == page(), "write it anew: python -m qa.cli_page docs/cli.md"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["index"], "Name at least one file or folder"),
        (["index", "--rebuild"], "There is no index at .pincite"),
        (["index", "--prune"], "--prune needs the folders"),
        (["ask", "Who?"], "There is no index at .pincite. Make one with 'pincite index"),
        (["ask", "Who?", "--index", "elsewhere"], "There is no index at elsewhere"),
        (["ask", " "], "The question is empty"),
        (["ask", "\udcff"], "not UTF-8"),
        (["ask", "Who?", "--risk", "0"], "--risk must be above 0 and at most 1"),
        (["ask", "Who?", "--risk", "1.01"], "--risk must be above 0 and at most 1"),
        (["ask", "Who?", "--risk", "nan"], "--risk must be above 0 and at most 1"),
        (["ask", "Who?", "--risk", "low"], "--risk"),
        (["serve", "--host", "0.0.0.0"], "On 0.0.0.0 others could read the collection"),
        (["serve", "--auth", "ada"], "There is no password for ada"),
        (["serve", "--passwords", "none"], "The passwords in none cannot be read"),
        (["status"], "There is no index"),
        (["remove", "x"], "There is no index"),
        (["batch", "q.jsonl"], "--out"),
        (["batch", "none.jsonl", "-o", "o.jsonl"], "none.jsonl cannot be read"),
        (["batch", "q.jsonl", "-o", "q.jsonl"], "is the question file itself"),
        (["batch", "q.jsonl", "-o", "none/o.jsonl"], "there is no folder none"),
        (["eval", "q.jsonl", "--report", "r.pdf"], "must end in .md or .html"),
        (["eval", "q.jsonl", "--against", "r.md"], "must end in .json or .jsonl"),
        (["verify", "none.jsonl"], "none.jsonl cannot be read"),
        (["verify", "empty.jsonl"], "holds no answers"),
        (["verify", "a.csv"], "must end in .jsonl"),
        (["export", "a.jsonl"], "--format"),
        (["export", "a.jsonl", "--format", "word"], "--format"),
        (["export", "none.jsonl", "--format", "ris"], "none.jsonl cannot be read"),
        (["export", "empty.jsonl", "--format", "ris"], "empty.jsonl holds no answers"),
        (["export", "q.jsonl", "--format", "ris"], "q.jsonl is no answers file: line 1 has no"),
        (["export", "q.jsonl", "--format", "ris", "-o", "q.jsonl"], "is the answers file itself"),
        (["export", "q.jsonl", "--format", "ris", "-o", "none/a.ris"], "there is no folder none"),
        (["serve", "--port", "99999"], "--port"),
        (["frobnicate"], "No such command"),
    ],
)
def test_wrong_use_is_told_in_one_sentence_with_exit_code_2(
    tmp_path: Path, pincite: Terminal, words: Sequence[str], reason: str
) -> None:
    (tmp_path / "q.jsonl").write_text('{"question": "What?"}\n', encoding="utf-8")
    (tmp_path / "empty.jsonl").touch()
    with chdir(tmp_path):
        ran = pincite(*words)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.jsonl", "q.jsonl"]
    assert ran.code == 2
    assert reason in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_a_wrong_setting_is_named_by_its_variable(
    here: Path, pincite: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINCITE_RISK", "7")
    ran = pincite("ask", "Who?")
    assert ran.code == 2
    assert "PINCITE_RISK" in ran.err


def test_files_that_cannot_be_read_are_listed_and_the_others_are_indexed(
    tmp_path: Path, pincite: Terminal
) -> None:
    (tmp_path / "bridge.md").write_text(PAPERS["bridge.md"], encoding="utf-8")
    (tmp_path / "empty.txt").touch()
    with chdir(tmp_path):
        ran = pincite("index", "bridge.md", "empty.txt", "none.md")
        assert ran.code == 1
        assert "1 indexed" in ran.out
        assert "failed: empty.txt is empty." in ran.err
        assert "failed: none.md does not exist." in ran.err
        status = pincite("status")
        assert status.code == 0
        assert "The bridge at Lindau" in status.out
        assert "failed: empty.txt is empty." in status.out
        assert "Vectors: flat, 32-bit: up to 50,000 passages" in status.out
        again = pincite("index", "bridge.md")
        assert again.code == 0
        assert "1 unchanged" in again.out


def test_prune_drops_what_is_gone_and_rebuild_needs_no_files(
    tmp_path: Path, pincite: Terminal
) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    for name, text in PAPERS.items():
        (papers / name).write_text(text, encoding="utf-8")
    with chdir(tmp_path):
        pincite("index", "papers")
        (papers / "ferry.md").unlink()
        assert "0 removed" in pincite("index", "papers").out
        assert "1 removed" in pincite("index", "papers", "--prune").out
        ran = pincite("index", "--rebuild")
        assert ran.code == 0
        assert "the index holds 1 document in 3 passages" in ran.out


def test_ask_with_json_prints_one_record_and_nothing_else(here: Path, pincite: Terminal) -> None:
    ran = pincite("ask", FERRY, "--json", "--risk", "1")
    assert ran.code == 0
    assert ran.out.count("\n") == 1
    answer = Answer.model_validate_json(ran.out)
    assert answer.status == "answered"
    assert "35 minutes" in answer.quotes[0].text
    assert answer.citations[0].document.source == "ferry.md"
    assert ran.err == ""
    assert pincite("ask", FERRY, "--json", "--risk", "1").out == ran.out


def test_ask_shows_quotes_with_their_places(here: Path, pincite: Terminal) -> None:
    ran = pincite("ask", FERRY, "--risk", "1")
    assert ran.code == 0
    quote = "The ferry crossed the lake in 35 minutes; its * boiler * burst on 3 May 1902 [4]."
    assert f"{quote}  [1]" in ran.out
    assert "[1] The ferry. In ferry.md (" in ran.out
    assert "): characters 11–92." in ran.out
    assert "Confidence" in ran.out


def test_ask_says_when_there_is_no_answer_and_shows_the_nearest_passages(
    here: Path, pincite: Terminal
) -> None:
    ran = pincite("ask", "Which enzyme do zebrafish embryos express?", "--risk", "0.01")
    assert ran.code == 0
    assert ran.out.startswith("Not found in the collection.")
    assert "which are no answer" in ran.out


def test_ask_can_be_limited_to_documents_and_years(here: Path, pincite: Terminal) -> None:
    limited = pincite("ask", FERRY, "--risk", "1", "--document", "bridge.md", "--json")
    answer = Answer.model_validate_json(limited.out)
    assert {passage.source for passage in answer.passages} == {"bridge.md"}
    assert answer.within is not None
    shown = pincite(
        "ask", FERRY, "--document", "bridge.md", "--document", answer.passages[0].document
    )
    assert shown.out.startswith("Limited to: 1 document\n")
    nothing = pincite("ask", FERRY, "--from-year", "1850", "--to-year", "1860")
    assert nothing.code == 0
    assert "limited to documents from 1850 to 1860, and the collection holds no" in nothing.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--document", "coffee.md"], "coffee.md is not in the index."),
        (["--from-year", "2004", "--to-year", "1998"], "comes after the last, 1998."),
        (["--from-year", "soon"], "--from-year"),
    ],
)
def test_a_limit_that_is_none_is_refused_in_a_sentence(
    here: Path, pincite: Terminal, words: list[str], reason: str
) -> None:
    ran = pincite("ask", FERRY, *words)
    assert ran.code == 2
    assert reason in ran.err
    assert "Traceback" not in ran.err


def test_a_document_cannot_steer_the_terminal(tmp_path: Path, pincite: Terminal) -> None:
    text = "The whale\x1b]0;owned\x07 of Lindau weighed 12 tonnes\x1b[2J in 1902."
    (tmp_path / "whale.txt").write_text(text, encoding="utf-8")
    with chdir(tmp_path):
        assert pincite("index", "whale.txt").code == 0
        ran = pincite("ask", "What did the whale of Lindau weigh?", "--risk", "1")
    assert "12 tonnes" in ran.out
    assert not set(ran.out) & {"\x1b", "\x07"}


@pytest.mark.parametrize("ending", ["jsonl", "csv", "md", "html"])
def test_batch_writes_answers_and_says_what_was_refused(
    here: Path, tmp_path: Path, pincite: Terminal, ending: str
) -> None:
    questions = write(tmp_path / "q.jsonl", {"id": "a", "question": FERRY}, {"id": "b"})
    out = tmp_path / f"out.{ending}"
    ran = pincite("batch", questions, "-o", out, "--risk", "1")
    assert ran.code == 1
    assert "1 question, 1 answered, 1 refused" in ran.out
    assert f'refused: {questions}, line 2: has no "question".' in ran.err
    assert "35 minutes" in re.sub("<[^>]+>", "", out.read_text(encoding="utf-8"))


def test_batch_stopped_by_the_keyboard_goes_on_later(
    here: Path, tmp_path: Path, pincite: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [{"id": f"q{n}", "question": f"{n}: {FERRY}"} for n in range(4)]
    questions, out = write(tmp_path / "q.jsonl", *records), tmp_path / "out.jsonl"
    pincite("batch", questions, "-o", tmp_path / "whole.jsonl")
    real = Assistant.ask

    def stopped(
        self: Assistant,
        question: str,
        history: Sequence[str] = (),
        *,
        id: str | None = None,
        risk: float | None = None,
        within: Within | None = None,
    ) -> Answer:
        if question.startswith("2"):
            raise KeyboardInterrupt
        return real(self, question, history, id=id, risk=risk, within=within)

    with monkeypatch.context() as patch:
        patch.setattr(Assistant, "ask", stopped)
        ran = pincite("batch", questions, "-o", out)
    assert ran.code == 130
    assert "The same command goes on" in ran.err
    assert len(out.read_text(encoding="utf-8").splitlines()) == 2
    ran = pincite("batch", questions, "-o", out)
    assert ran.code == 0
    assert "2 of them kept" in ran.out
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_verify_passes_fresh_answers_and_names_a_changed_character(
    here: Path, tmp_path: Path, pincite: Terminal
) -> None:
    questions = write(tmp_path / "q.jsonl", {"question": "Who?"}, {"question": FERRY})
    out = tmp_path / "out.jsonl"
    pincite("batch", questions, "-o", out, "--risk", "1")
    ran = pincite("verify", out)
    assert ran.code == 0
    assert "2 answers" in ran.out
    assert ran.out.endswith("all exact\n")
    changed = out.read_text(encoding="utf-8").replace("in 35 minutes", "in 36 minutes")
    out.write_text(changed, encoding="utf-8")
    ran = pincite("verify", out)
    assert ran.code == 1
    assert f"{out}, line 2 (q2), quote 1 differs from ferry.md" in ran.err
    assert "2 problems" in ran.out


def test_verify_finds_moved_answers_sources_through_the_index(
    indexed: Path, tmp_path: Path, pincite: Terminal
) -> None:
    questions, out = write(tmp_path / "q.jsonl", {"question": FERRY}), tmp_path / "out.jsonl"
    with chdir(indexed):
        pincite("batch", questions, "-o", out, "--risk", "1")
    with chdir(tmp_path):
        assert "its source ferry.md is not found" in pincite("verify", "out.jsonl").err
        ran = pincite("verify", "out.jsonl", "--index", indexed / ".pincite")
    assert ran.code == 0


def test_export_writes_the_cited_sources_for_a_reference_manager(
    here: Path, tmp_path: Path, pincite: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = write(tmp_path / "q.jsonl", {"question": FERRY}, {"question": FERRY + " By boat?"})
    answers = tmp_path / "a.jsonl"
    pincite("batch", questions, "-o", answers, "--risk", "1")
    ran = pincite("export", answers, "--format", "csl-json")
    assert (ran.code, ran.err) == (0, "")
    cited = {item["title"] for item in json.loads(ran.out)}
    assert "The ferry" in cited
    assert pincite("export", answers, "--format", "csl-json").out == ran.out
    out = tmp_path / "a.bib"
    told = pincite("export", answers, "--format", "bibtex", "-o", out)
    assert told.out == f"{len(cited)} source{'s' * (len(cited) > 1)} in {out}\n"
    assert "title = {{The} ferry}" in out.read_text(encoding="utf-8")
    monkeypatch.setattr("sys.stdin", answers.open(encoding="utf-8"))
    assert "TI  - The ferry\n" in pincite("export", "-", "--format", "ris").out


def test_eval_prints_figures_and_writes_report_figures_and_answers(
    here: Path, tmp_path: Path, pincite: Terminal
) -> None:
    gold = [{"source": "ferry.md", "quote": "The ferry crossed the lake in 35 minutes"}]
    questions = write(
        tmp_path / "q.jsonl",
        {"id": "a", "question": FERRY, "answers": ["35 minutes"], "evidence": gold},
        {"id": "b", "question": "Do zebras sleep?", "answerable": False},
    )
    outputs = {name: tmp_path / f"out.{name}" for name in ("html", "md", "json", "jsonl")}
    ran = pincite(
        *("eval", questions, "--risk", "1", "--report", outputs["md"]),
        *("--json", outputs["json"], "--answers", outputs["jsonl"]),
    )
    assert ran.code == 0
    assert "Passage recall@1" in ran.out
    figures = json.loads(outputs["json"].read_text(encoding="utf-8"))
    assert figures["asked"] == {"questions": 2, "answerable": 1, "unanswerable": 1}
    assert figures["measures"]["sentence_hit@1"]["value"] == 1
    assert figures["measures"]["false_answers"]["value"] == 1
    assert set(figures["timing"]) == {"first", "median", "p95"}
    assert "## Misses (1)" in outputs["md"].read_text(encoding="utf-8")
    assert pincite("verify", outputs["jsonl"]).code == 0
    assert pincite("eval", questions, "--report", outputs["html"]).code == 0
    assert "<table>" in outputs["html"].read_text(encoding="utf-8")
    for earlier in (outputs["json"], outputs["jsonl"]):
        ran = pincite(*("eval", questions, "--against", earlier, "--report", outputs["md"]))
        assert (ran.code, ran.err) == (0, "")
        assert f"Compared with {earlier.name}" in ran.out
        assert "2 questions are compared: 1 better, 0 worse, 1 as before." in ran.out
        assert "better: b: false answer, now rightly declined: Do zebras sleep?" in ran.out
        report = outputs["md"].read_text(encoding="utf-8")
        assert f"## Compared with {escape(earlier.name)}" in report
    strange = write(tmp_path / "s.jsonl", {"id": "a", "question": "Another one?"})
    ran = pincite("eval", strange, "--against", outputs["json"])
    assert ran.code == 2
    assert "out.json cannot be compared with: it holds none of these questions" in ran.err


def test_status_as_json_tells_of_every_source(here: Path, pincite: Terminal) -> None:
    record = json.loads(pincite("status", "--json").out)
    assert (record["documents"], record["failed"]) == (2, 0)
    assert [source["source"] for source in record["sources"]] == ["bridge.md", "ferry.md"]
    assert record["sources"][0]["document"]["title"] == "The bridge at Lindau"


def test_remove_takes_a_path_a_file_name_or_an_id_and_refuses_what_is_ambiguous(
    tmp_path: Path, pincite: Terminal
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for name, text in PAPERS.items():
            (tmp_path / folder / name).write_text(f"{text}\nCopy {folder}.\n", encoding="utf-8")
    with chdir(tmp_path):
        pincite("index", "a", "b")
        ran = pincite("remove", "ferry.md", "swan.md")
        assert ran.code == 1
        assert "ferry.md may mean any of these: a/ferry.md, b/ferry.md." in ran.err
        assert "swan.md is not in the index." in ran.err
        assert pincite("remove", "a/ferry.md").out == "removed a/ferry.md\n"
        assert pincite("remove", "ferry.md").out == "removed b/ferry.md\n"
        sources = json.loads(pincite("status", "--json").out)["sources"]
        assert [source["source"] for source in sources] == ["a/bridge.md", "b/bridge.md"]
        ran = pincite("remove", sources[1]["document"]["id"])
        assert (ran.code, ran.out) == (0, "removed b/bridge.md\n")
        assert pincite("remove", tmp_path / "a" / "bridge.md").code == 0
        assert json.loads(pincite("status", "--json").out)["documents"] == 0


def test_serve_hands_the_index_and_the_address_to_the_web_chat(
    pincite: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[object, ...]] = []
    chat = ModuleType("app")

    def serve(index: Path, host: str, port: int, accounts: Accounts | None) -> None:
        served.append((index, host, port, accounts.names if accounts else None))

    vars(chat)["serve"] = serve
    monkeypatch.setitem(sys.modules, "app", chat)
    assert pincite("serve", "--port", "8000", "--index", "here").code == 0
    assert served == [(Path("here"), "127.0.0.1", 8000, None)]
    monkeypatch.setenv("PINCITE_PASSWORD", "correct horse")
    assert pincite("serve", "--host", "0.0.0.0", "--auth", "ada").code == 0
    assert served[1:] == [(Path(".pincite"), "0.0.0.0", 7860, ("ada",))]

    def taken(index: Path, host: str, port: int, accounts: Accounts | None) -> None:
        raise OSError(98, "Address already in use")

    vars(chat)["serve"] = taken
    ran = pincite("serve")
    assert ran.code == 2
    assert "127.0.0.1:7860 cannot be served: Address already in use." in ran.err


def test_the_index_can_be_chosen_by_the_environment(
    indexed: Path, tmp_path: Path, pincite: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINCITE_INDEX", str(indexed / ".pincite"))
    with chdir(tmp_path):
        assert json.loads(pincite("status", "--json").out)["documents"] == 2


def test_a_reader_that_has_had_enough_is_no_error(indexed: Path) -> None:
    command = [sys.executable, "-m", "qa.cli", "status", "--index", str(indexed / ".pincite")]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode in {0, 1}
