"""What the command line says of a run of indexing."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from index.base import IndexStats
from index.ingest import Failure, IngestReport
from qa import terminal

STATS = IndexStats(7, 21, 0, 3, "f", "e")


def said(failed: list[Failure], most: int | None = None) -> list[str]:
    out = StringIO()
    terminal.show_failed(failed, Console(file=out, width=200), most)
    return out.getvalue().splitlines()


def test_files_and_records_are_counted_apart() -> None:
    failed = [
        Failure("a.pdf", "is a scan"),
        *(Failure("l.ris#1", "is empty", record_of="l.ris"),) * 2,
    ]
    assert terminal.indexed(IngestReport(3, 90, 2, 1, 0, failed), STATS) == (
        "3 indexed (90 documents), 2 unchanged, 1 removed, 1 failed, 2 records refused; "
        "the index holds 7 documents in 21 passages."
    )
    assert terminal.indexed(IngestReport(1, 1, 0, 0, 4), STATS) == (
        "1 indexed, 0 unchanged, 0 removed, 4 of other kinds ignored, 0 failed; "
        "the index holds 7 documents in 21 passages."
    )


def test_of_many_refused_records_some_are_named_and_all_files() -> None:
    records = [Failure(f"l.ris#{n}", "is empty", record_of="l.ris") for n in range(30)]
    failed = [*records, Failure("z.pdf", "is a scan", "Run ocrmypdf.")]
    lines = said(failed, most=20)
    assert lines == [
        *(f"failed: l.ris#{n} is empty." for n in range(20)),
        "failed: z.pdf is a scan. Run ocrmypdf.",
        "failed: 10 more records; 'pincite status' lists them all.",
    ]
    assert len(said(failed)) == 31
    assert said([], most=20) == []
