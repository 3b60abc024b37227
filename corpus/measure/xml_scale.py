"""How fast and in how much memory a PubMed file of 200 MB is read, in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from corpus.load import load_all
from corpus.measure.command import run
from corpus.measure.figures import Figure

SIZE = 200_000_000
_SEED = 4
_WORDS = (
    "patients were randomised to receive treatment or placebo and survival was measured after "
    "twelve weeks in both groups with β-blockers at ≥ 5 mg/m² of the drug while the response "
    "rate did not differ between arms"
).split()


def write_records(path: Path, size: int = SIZE) -> int:
    """Write a PubMed file of invented records of the usual make-up.

    Args:
        path: the file.
        size: bytes to write at least.

    Returns:
        How many records it holds.
    """
    chance = np.random.default_rng(_SEED)
    count = written = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n')
        while written < size:
            count += 1
            record = _record(count, chance)
            file.write(record)
            written += len(record.encode())
        file.write("</PubmedArticleSet>\n")
    return count


def _record(number: int, chance: np.random.Generator) -> str:
    def prose(words: int) -> str:
        return " ".join(_WORDS[n] for n in chance.integers(len(_WORDS), size=words))

    abstract = "".join(
        f'<AbstractText Label="{label}">{prose(60)} (P&lt;0.05).</AbstractText>'
        for label in ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
    )
    authors = "".join(
        f'<Author ValidYN="Y"><LastName>Roe{n}</LastName><ForeName>Jane</ForeName>'
        f"<AffiliationInfo><Affiliation>{prose(12)}</Affiliation></AffiliationInfo></Author>"
        for n in range(6)
    )
    mesh = "".join(
        f'<MeshHeading><DescriptorName UI="D{n}" MajorTopicYN="N">{prose(2)}</DescriptorName>'
        f"</MeshHeading>"
        for n in range(12)
    )
    references = "".join(
        f'<Reference><Citation>{prose(15)}</Citation><ArticleIdList><ArticleId IdType="pubmed">{n}'
        f"</ArticleId></ArticleIdList></Reference>"
        for n in range(30)
    )
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{number}</PMID>'
        f"<Article><Journal><JournalIssue><Volume>1</Volume><PubDate><Year>2010</Year></PubDate>"
        f"</JournalIssue><Title>Letters</Title></Journal><ArticleTitle>{prose(12)}.</ArticleTitle>"
        f"<Abstract>{abstract}</Abstract><AuthorList>{authors}</AuthorList></Article>"
        f"<MeshHeadingList>{mesh}</MeshHeadingList></MedlineCitation><PubmedData><ReferenceList>"
        f"{references}</ReferenceList></PubmedData></PubmedArticle>\n"
    )


def read_all(path: Path) -> tuple[int, float, float, float]:
    """Read every record of a file, as indexing does.

    Returns:
        How many documents there are, the CPU seconds, and this process's peak memory (MiB) when
        all is done and before it began.
    """
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    found = load_all(path.read_bytes(), str(path))
    count = sum(1 for document in found if not isinstance(document, Exception))
    seconds = time.process_time() - start
    return count, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, before


def measure(shared: Path, out: Path) -> list[Figure]:
    """Write the file, read it in a child process, and say what that took.

    Args:
        shared: not needed.
        out: the file is written there and removed afterwards.
    """
    path = out / "pubmed_scale.xml"
    records = write_records(path)
    size = path.stat().st_size
    try:
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=fresh) as pool:
            count, seconds, peak, before = pool.submit(read_all, path).result()
    finally:
        path.unlink()
    of = f"PubMed XML of {size / 1e6:.0f} MB, {records:,} records"
    return [
        Figure("records read", f"{count:,}", of),
        Figure("records a second of CPU time", f"{count / seconds:,.0f}", of),
        Figure("MB a second of CPU time", f"{size / 1e6 / seconds:.1f}", of),
        Figure("peak memory", f"{peak:,.0f} MiB", f"{before:,.0f} MiB of it before the file"),
    ]


if __name__ == "__main__":
    run(measure)
