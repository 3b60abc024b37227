"""What a question is limited to: named by a person, kept in the answer, said in plain words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from index.base import SourceRecord, Within
from qa.answer import Restriction
from qa.removal import resolve

Years = tuple[int | None, int | None]
"""The first and the last year, both included; None for an open end."""


def limit(
    documents: Collection[str], years: Years, sources: Sequence[SourceRecord]
) -> Within | None:
    """Limit a question to the documents that a person names.

    Args:
        documents: paths, ends of paths, file names or document ids, as ``pincite remove`` takes
            them; a file of many records stands for all of them. None of them: all documents.
        years: the years.
        sources: what the index knows.

    Returns:
        What may be found; None for everything.

    Raises:
        ValueError: a name is unknown or fits several, a file could not be read, or the first year
            comes after the last; the message is for the person.
    """
    first, last = years
    if first is not None and last is not None and first > last:
        raise ValueError(f"The first year, {first}, comes after the last, {last}.")
    ids = frozenset(id for name in documents for id in _ids(name, sources)) if documents else None
    within = Within(ids, years)
    return None if within.everything else within


def _ids(name: str, sources: Sequence[SourceRecord]) -> set[str]:
    named = resolve(name, sources)
    files = tuple(f"{record.path}/" for record in named if record.document is None)
    records = [record for record in sources if files and record.path.startswith(files)]
    ids = {record.document.id for record in [*named, *records] if record.document}
    if not ids:
        raise ValueError(f"{name} could not be read, so no question can be limited to it.")
    return ids


def restriction(within: Within | None) -> Restriction | None:
    """What an answer says of its limit; None where nothing was left out."""
    if within is None or within.everything:
        return None
    ids = None if within.documents is None else tuple(sorted(within.documents))
    first, last = within.years
    return Restriction(documents=ids, from_year=first, to_year=last)


def phrase(limited: Restriction) -> str:
    """What a question was limited to: "2 documents", "documents from 1998 to 2004"."""
    if limited.documents is None:
        what = "documents"
    else:
        count = len(limited.documents)
        what = "1 document" if count == 1 else f"{count:,} documents"
    years = years_phrase(limited.from_year, limited.to_year)
    return f"{what} {years}" if years else what


def years_phrase(first: int | None, last: int | None) -> str:
    """A range of years: "from 1998 to 2004", "of 1998", "from 1998 on"; empty where open."""
    if first is None and last is None:
        return ""
    if first == last:
        return f"of {first}"
    if last is None:
        return f"from {first} on"
    return f"up to {last}" if first is None else f"from {first} to {last}"


def searched(limited: Restriction) -> str:
    """Say in a sentence what alone was searched."""
    one = limited.documents is not None and len(limited.documents) == 1
    return (
        f"Only {phrase(limited)} {'was' if one else 'were'} searched, as the question was limited "
        f"to {'it' if one else 'them'}."
    )


def nothing_there(limited: Restriction) -> str:
    """Say in a sentence that there was nothing to search."""
    one = limited.documents is not None and len(limited.documents) == 1
    return (
        f"The question was limited to {phrase(limited)}, and the collection holds no passage of "
        f"{'it' if one else 'them'}."
    )
