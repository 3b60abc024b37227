"""The page that the bench writes: its tables, its reading, its pictures."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer

from qa.measure.peers import columns
from qa.measure.peers.page import EVERY, FIGURES, PAGE, RESULT, TEXTS, main, page
from qa.measure.peers.reading import at_scale, reading
from qa.measure.peers.results import Judged, Machine, Part, Result, Run, Sizes, joined, read, write

MACHINE = Machine(
    processor="A processor", cores=2, memory_gb=24, system="Linux", python="3.11", date="2026-01-02"
)
SIZES = Sizes(
    quality_papers=78,
    quality_questions=4,
    rounds=2,
    paired_papers=10,
    paired_questions=20,
    scale_texts=50,
    scale_questions=20,
)


def judged(*right: bool, hit: bool = True) -> Judged:
    return Judged(gains=right, within=right[0], hit=hit, characters=(900,) * len(right), unplaced=0)


def run(system: str, part: Part = "quality", round_: int = 0, **more: object) -> Run:
    figures = {
        "documents": 10,
        "passages": 200,
        "ingest": 5.0,
        "first": 6.0,
        "seconds": (0.2, 0.3, 0.4),
        "memory_ingest": 800_000_000,
        "memory_ask": 700_000_000,
        "disk": 3_000_000,
        "versions": {"torch": "2.13.0"},
    }
    return Run.model_validate({"part": part, "round": round_, "system": system} | figures | more)


def result(*runs: Run) -> Result:
    return Result(machine=MACHINE, sizes=SIZES, runs=list(runs))


OURS = (judged(True, False), judged(False, True), judged(False, False, hit=False), judged(True))
THEIRS = (judged(True, False, hit=False), *(judged(False, False, hit=False),) * 3)


def row(written: str, start: str) -> list[str]:
    (line,) = [line for line in written.splitlines() if line.startswith(f"| {start} |")][:1]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_recall_is_the_share_of_questions_with_a_right_passage_among_the_first() -> None:
    own = run("pincite", judged=OURS)
    assert columns.recall(own).value == 0.75
    assert columns.recall(own, 1).value == 0.5
    assert columns.hit(own).value == 0.75
    assert columns.within(own).value == 0.5


def test_the_table_has_each_system_that_ran() -> None:
    written = page(result(run("pincite", judged=OURS), run("txtai", judged=THEIRS)))
    assert row(written, "Pincite")[1:3] == ["200", "900"]
    assert row(written, "Pincite")[3].startswith("0.750 (")
    assert row(written, "txtai")[3].startswith("0.250 (")
    assert row(written, "txtai")[6] == "nearest vector"
    assert "| cairn" not in written.partition("## How each is set up")[0]
    assert row(written, "cairn-assistant")[2] == "was not run this time"


def test_a_part_that_was_not_run_is_not_on_the_page() -> None:
    written = page(result(run("pincite", judged=OURS)))
    assert "## How fast" not in written
    assert "## At scale" not in written
    whole = page(result(*(run("pincite", part, judged=OURS) for part in ("paired", "scale"))))
    assert "## How fast" in whole
    assert "## At scale: 50 full texts" in whole


def test_the_full_texts_may_be_of_a_run_of_their_own_which_is_told() -> None:
    others = MACHINE.model_copy(update={"processor": "Another processor", "date": "2026-03-04"})
    all_texts = SIZES.model_copy(update={"scale_texts": EVERY})
    slow = Run(part="scale", round=0, system="verbatim", failed="not done after 30 minutes")
    own = run("pincite", "scale", documents=EVERY, passages=88_000, ingest=600.0)
    texts = Result(machine=others, sizes=all_texts, runs=[own, slow])
    written = page(result(run("pincite", judged=OURS), run("pincite", "scale")), texts)
    assert "## At scale: 2,528 full texts" in written
    scale = written.partition("## At scale")[2].partition("\n## ")[0]
    assert row(scale, "Pincite")[1:3] == ["88,000", "10.0"]
    assert "on 2026-03-04: Another processor" in scale
    assert "verbatim-rag, dense: not done after 30 minutes." in scale
    assert "txtai; txtai, hybrid; llama-index-core, FAISS; cairn-assistant." in scale
    assert "At this pace" not in scale


def test_a_run_over_the_full_texts_stays_beside_the_page(tmp_path: Path) -> None:
    texts = Result(machine=MACHINE, sizes=SIZES, runs=[run("txtai", "scale")])
    write(result(run("pincite", judged=OURS)), tmp_path / "result.json")
    write(texts, tmp_path / "texts.json")
    docs = tmp_path / "docs"
    docs.mkdir()
    main(tmp_path / "result.json", docs, [tmp_path / "texts.json"])
    first = (docs / PAGE).read_text("utf-8")
    assert read(docs / TEXTS) == texts
    assert "## At scale: 50 full texts" in first
    main(docs / RESULT, docs)
    assert (docs / PAGE).read_text("utf-8") == first


def test_sittings_over_the_full_texts_are_one_table_and_a_system_may_be_in_both(
    tmp_path: Path,
) -> None:
    write(result(run("pincite", judged=OURS)), tmp_path / "result.json")
    for name, other, minutes in (("a", "txtai", 10), ("b", "verbatim", 12)):
        own = run("pincite", "scale", ingest=60.0 * minutes)
        write(result(own, run(other, "scale")), tmp_path / f"{name}.json")
    main(tmp_path / "result.json", tmp_path, [tmp_path / "a.json", tmp_path / "b.json"])
    written = (tmp_path / PAGE).read_text("utf-8")
    scale = written.partition("## At scale")[2].partition("\n## ")[0]
    assert row(scale, "Pincite")[2] == "10.0"
    assert row(scale, "Pincite, again")[2] == "12.0"
    assert row(scale, "txtai")
    assert row(scale, "verbatim-rag, dense")
    assert "In 2 sittings" in scale
    assert [one.round for one in read(tmp_path / TEXTS).runs] == [0, 0, 1, 1]


def test_sittings_on_machines_of_another_kind_are_no_table(tmp_path: Path) -> None:
    one = result(run("pincite", "scale"))
    faster = one.model_copy(update={"machine": MACHINE.model_copy(update={"processor": "Faster"})})
    later = one.model_copy(update={"machine": MACHINE.model_copy(update={"date": "2026-03-04"})})
    assert len(joined([one, later]).runs) == 2
    write(one, tmp_path / "one.json")
    write(faster, tmp_path / "faster.json")
    with pytest.raises(typer.BadParameter, match="A processor 2 and one on Faster 2"):
        main(tmp_path / "one.json", tmp_path, [tmp_path / "one.json", tmp_path / "faster.json"])
    assert not (tmp_path / PAGE).exists()


def test_ratios_are_paired_and_have_a_spread() -> None:
    runs = [
        run("pincite", "paired", 0, first=2.0),
        run("txtai", "paired", 0, first=4.0),
        run("pincite", "paired", 1, first=20.0),
        run("txtai", "paired", 1, first=20.0),
    ]
    written = page(result(*runs))
    compared = written.partition("The same by Pincite's figure")[2]
    assert row(compared, "txtai")[2] == "1.50 (1.00–2.00)"
    assert "median of 2 paired ratios" in written


def test_what_failed_is_told_with_its_reason() -> None:
    broken = Run(part="quality", round=0, system="verbatim", failed="no | hub")
    written = page(result(run("pincite", judged=OURS), broken))
    cells = row(written, "verbatim-rag, dense")
    assert cells[2].endswith("failed: no / hub")
    assert len(cells) == 4


def test_the_reading_names_who_is_before_pincite_and_why() -> None:
    faster = run("cairn", judged=THEIRS, memory_ask=10_000_000)
    told = reading(result(run("pincite", judged=OURS), faster))
    assert "**peak memory, asking, MB**: Pincite 700, cairn-assistant 10." in told
    assert columns.MEMORY_ASK.why in told
    assert "recall" not in told
    better = reading(result(run("pincite", judged=THEIRS), run("llamaindex", judged=OURS)))
    assert "**recall@5**: Pincite 0.250, llama-index-core, FAISS 0.750." in better


def test_more_is_better_only_where_it_is() -> None:
    runs = [run("pincite", "paired"), run("txtai", "paired", ingest=10.0, first=9.0)]
    assert reading(result(*runs)) == "Pincite is first in every column."
    runs = [run("pincite", "paired"), run("txtai", "paired", ingest=2.5)]
    assert reading(result(*runs)).startswith("- **documents/s**: Pincite 2.00, txtai 4.00.")


def test_the_reading_of_the_full_texts_names_what_pincite_is_first_in_too() -> None:
    own = run("pincite", "scale")
    slow = run("txtai", "scale", ingest=10.0, first=9.0, disk=2_000_000)
    told = at_scale(result(own, slow))
    assert told.startswith("On the 50 full texts: on disk, MB (Pincite 3.00, txtai 2.00).")
    assert "first in documents/s; first answer, s;" in told
    assert at_scale(result(own)) == ""
    assert told in page(result(run("pincite"), own, slow))


def test_a_busy_machine_is_told_of() -> None:
    assert "had nothing else to do" in page(result(run("pincite", load=1.2)))
    assert "median load before a run was 9.0 on 2 cores" in page(result(run("pincite", load=9.0)))


def test_a_result_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    whole = result(run("pincite", judged=OURS), Run(part="scale", round=0, system="a", failed="b"))
    write(whole, tmp_path / "r.json")
    assert read(tmp_path / "r.json") == whole
    assert [one.system for one in whole.failures()] == ["a"]


def test_page_and_pictures_are_the_same_bytes_from_the_same_figures(tmp_path: Path) -> None:
    runs = [
        run(s, part, judged=OURS) for s in ("pincite", "txtai") for part in ("quality", "paired")
    ]
    write(result(*runs), tmp_path / "result.json")
    written = []
    for name in ("a", "b"):
        docs = tmp_path / name
        docs.mkdir()
        main(tmp_path / "result.json", docs)
        written.append({p.relative_to(docs): p.read_bytes() for p in docs.rglob("*.*")})
    assert written[0] == written[1]
    assert read(tmp_path / "a" / RESULT) == read(tmp_path / "result.json")
    text = (tmp_path / "a" / PAGE).read_text("utf-8")
    for target in re.findall(r"!\[.+?\]\((.+?)\)", text):
        assert (tmp_path / "a" / target).is_file()
    picture = ElementTree.parse(tmp_path / "a" / FIGURES / "quality.svg")
    words = {
        "".join(node.itertext()).strip() for node in picture.iter() if node.tag.endswith("text")
    }
    assert {"Pincite", "txtai", "recall@5"} <= words
