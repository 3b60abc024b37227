"""Lists of records as disks and mail leave them: cut, changed, with bytes of other kinds inside."""

from __future__ import annotations

import random

import pytest

from corpus.document import Document
from corpus.load import LoadError
from tests.corpus import test_bibtex, test_tables, test_tagged
from tests.corpus.listing import everything

SAMPLES = {
    "a.nbib": test_tagged.NBIB.encode(),
    "a.ris": test_tagged.RIS.encode(),
    "wide.ris": test_tagged.RIS.encode("utf-16"),
    "a.bib": test_bibtex.LIST.encode(),
    "a.csv": test_tables.table(test_tables.ZOTERO).encode(),
    "a.tsv": test_tables.table(test_tables.SCOPUS, "\t").encode("utf-16"),
    "a.xlsx": test_tables.GOOD,
}
MARKS = [
    b"\0",
    b"\xff",
    b'"',
    b"{",
    b"}",
    b"\r",
    b"\n\n",
    b"\\",
    b"$",
    b"<p>",
    b"&#0;",
    b"\xed\xa0\x80",
]


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The file with a few of its bytes cut, changed, doubled or put in."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(max(1, len(out)))
        what = rng.randrange(5)
        if what == 0:
            del out[at:]
        elif what == 1:
            del out[at : at + rng.randint(1, 40)]
        elif what == 2:
            out[at : at + 1] = bytes([rng.randrange(256)])
        elif what == 3:
            out[at:at] = rng.choice(MARKS)
        else:
            out[at:at] = out[max(0, at - 60) : at]
    return bytes(out)


def outcome(data: bytes, name: str) -> list[Document | LoadError]:
    """What a file gives; the one reason where it is refused whole."""
    try:
        return everything(data, name)
    except LoadError as error:
        return [error]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_damaged_list_gives_documents_or_one_sentence_each(name: str) -> None:
    rng = random.Random(name)
    read = 0
    for _ in range(60):
        for record in outcome(damaged(SAMPLES[name], rng), name):
            if isinstance(record, LoadError):
                assert "\n" not in str(record)
                continue
            assert isinstance(record, Document)
            read += 1
            for block in record.blocks:
                assert block.start < block.end <= len(record.text)
                record.source_spans(block.start, block.end)
    assert read
