"""Answers as JSON lines, CSV and Markdown; every quote is held against its document first."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence

from qa.answer import Answer, Citation, Marked, NotVerbatim, Quote, Restriction
from qa.citing import emphasis, entry, page_runs, percent
from qa.differ.say import line
from qa.within import phrase

TextOf = Callable[[str], str]
"""Gives the reading text of the document with this id; KeyError where there is none."""

CSV_QUOTES = 3
MARKDOWN_NEAREST = 3
_OF_ANSWER = ("id", "question", "understood_as", "status", "confidence", "reason")
_OF_QUOTE = (
    *("quote", "short_answer", "header", "score", "title", "authors", "year", "journal", "doi"),
    *("pmid", "digest_of", "source", "document", "section", "pages", "start", "end"),
)
_OF_LIMIT = ("only_documents", "only_years")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~&$])")
_LINE_MARKUP = re.compile(r"^(\s*)(?:([-+#=])|(\d{1,9})([.)]))")


def check(answer: Answer, text_of: TextOf) -> None:
    """Hold every quote, short answer and table header against its document.

    Raises:
        NotVerbatim: one differs, or has no citation; the message names it.
        KeyError: ``text_of`` does not know a cited document.
    """
    citations = {citation.n: citation for citation in answer.citations}
    for number, quote in enumerate(answer.quotes, start=1):
        citation = citations.get(quote.citation)
        if citation is None:
            problem: str | None = unresolved(quote)
        else:
            problem = quote_problem(quote, citation, text_of(citation.document.id))
        if problem:
            name = f"{answer.id}: " if answer.id else ""
            raise NotVerbatim(f"{name}quote {number} {problem}")


def unresolved(quote: Quote) -> str:
    """Say what is wrong with a quote without a citation, as a clause after its name."""
    return f"cites [{quote.citation}], which is not among the citations"


def quote_problem(quote: Quote, citation: Citation, text: str) -> str | None:
    """Say what is wrong with a quote, as a clause after its name; None where nothing is.

    Args:
        quote: the quote to check.
        citation: its citation.
        text: the reading text of the cited document.
    """
    if not quote.text:
        return "is empty"
    found = _mismatch(text, Marked(text=quote.text, start=citation.start, end=citation.end))
    if found:
        return f"differs from {citation.document.source}: {found}"
    if quote.header:
        found = _mismatch(text, quote.header)
        if found:
            return f"has a header that differs from {citation.document.source}: {found}"
    return _short_answer_problem(quote, citation, text)


def _short_answer_problem(quote: Quote, citation: Citation, text: str) -> str | None:
    short = quote.short_answer
    if short is None:
        return None
    if not citation.start <= short.start < short.end <= citation.end:
        return f'has a short answer "{short.text}" that does not lie inside it'
    found = _mismatch(text, short)
    if found:
        return f"has a short answer that differs from {citation.document.source}: {found}"
    return None


def _mismatch(text: str, words: Marked) -> str | None:
    """Say where ``words`` are not what stands in ``text`` at their address; None where they are."""
    if not 0 <= words.start <= words.end <= len(text):
        return f"characters {words.start} to {words.end} are not all in its {len(text)} characters"
    there = text[words.start : words.end]
    if there == words.text:
        return None
    at = next(
        (i for i, (a, b) in enumerate(zip(words.text, there, strict=False)) if a != b),
        min(len(words.text), len(there)),
    )
    low = max(0, at - 20)
    return (
        f"at character {words.start + at} it has {_cut(there[low : at + 20])} "
        f"where the answer has {_cut(words.text[low : at + 20])}"
    )


def _cut(words: str) -> str:
    return f'"{words}"' if words else "nothing"


def to_json_line(answer: Answer, text_of: TextOf) -> str:
    """Give the answer as a line of JSON without its end: same answer, same characters.

    Raises:
        NotVerbatim: a quote differs from its document.
    """
    check(answer, text_of)
    return answer.model_dump_json()


def to_csv(answers: Iterable[Answer], text_of: TextOf) -> str:
    """Give the answers as a CSV table: a row an answer, its quotes side by side, best first.

    Where a question was limited, the last two columns say to what.

    Raises:
        NotVerbatim: a quote differs from its document.
    """
    answers = list(answers)
    most = max([CSV_QUOTES, *(len(answer.quotes) for answer in answers)])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [f"{name}_{n}" for n in range(1, most + 1) for name in _OF_QUOTE]
    limited = any(answer.within for answer in answers)
    writer.writerow([*_OF_ANSWER, *names, *(_OF_LIMIT if limited else ())])
    width = len(_OF_ANSWER) + len(names)
    for answer in answers:
        row = to_csv_row(answer, text_of)
        cells = _limit_cells(answer.within) if limited else []
        writer.writerow([*row, *[None] * (width - len(row)), *cells])
    return out.getvalue()


def _limit_cells(within: Restriction | None) -> list[str | None]:
    if within is None:
        return [None] * len(_OF_LIMIT)
    years = [str(year or "") for year in (within.from_year, within.to_year)]
    return ["|".join(within.documents or ()), "|".join(years) if any(years) else ""]


def to_csv_row(answer: Answer, text_of: TextOf) -> list[str | int | float | None]:
    """Give the answer's cells in the order of the columns; fewer quotes, fewer cells.

    Raises:
        NotVerbatim: a quote differs from its document.
    """
    check(answer, text_of)
    row: list[str | int | float | None] = [getattr(answer, name) for name in _OF_ANSWER]
    citations = {citation.n: citation for citation in answer.citations}
    for quote in answer.quotes:
        citation = citations[quote.citation]
        document = citation.document
        row += [
            quote.text,
            quote.short_answer.text if quote.short_answer else None,
            quote.header.text if quote.header else None,
            quote.score,
            document.title,
            "; ".join(document.authors),
            document.year,
            document.journal,
            document.doi,
            document.pmid,
            document.digest_of,
            document.source,
            document.id,
            citation.section,
            page_runs(citation.pages, "-"),
            citation.start,
            citation.end,
        ]
    return row


def to_markdown(answers: Sequence[Answer], text_of: TextOf) -> str:
    """Give the answers as a report to read, with a numbered list of references at its end.

    A place that several answers quote has one number throughout. Everything is escaped, so that
    what a Markdown reader shows is, letter for letter, what the document says.

    Raises:
        NotVerbatim: a quote differs from its document.
    """
    references: dict[tuple[str, int, int], tuple[int, Citation]] = {}
    answered = sum(answer.status == "answered" for answer in answers)
    lines = ["# Answers", "", f"{len(answers)} questions, {answered} answered.", ""]
    for number, answer in enumerate(answers, start=1):
        check(answer, text_of)
        lines += [f"## {number}. {escape(answer.question)}", ""]
        if answer.understood_as != answer.question:
            lines += [f"Understood as: {escape(answer.understood_as)}", ""]
        if answer.meanings:
            lines += [f"Also searched: {escape(answer.meanings)}", ""]
        if answer.within:
            lines += [f"Limited to: {phrase(answer.within)}", ""]
        lines += _markdown_answer(answer, references)
    if references:
        lines += ["## References", ""]
        for n, citation in references.values():
            lines.append(f"{n}. {escape(entry(citation))}")
        lines.append("")
    return "\n".join(lines)


def _markdown_answer(
    answer: Answer, references: dict[tuple[str, int, int], tuple[int, Citation]]
) -> list[str]:
    if answer.status == "not_found":
        return _markdown_not_found(answer)
    citations = {citation.n: citation for citation in answer.citations}
    lines: list[str] = []
    numbers: dict[int, int] = {}
    for quote in answer.quotes:
        citation = citations[quote.citation]
        key = (citation.document.id, citation.start, citation.end)
        n, _ = references.setdefault(key, (len(references) + 1, citation))
        numbers[citation.n] = n
        if quote.header:
            lines += [f"> {escape(quote.header.text)}", ">"]
        year = f" ({citation.document.year})" if citation.document.year else ""
        below = f"\\[{n}\\] {escape(citation.document.title)}{year}"
        if short := emphasis(quote):
            below += f". In short: **{escape(short.text)}**"
        lines += [f"> {escape(quote.text)}", "", below, ""]
    for difference in answer.differs:
        lines += [f"{escape(line(difference, citations, numbers))}.", ""]
    return [*lines, f"Confidence {percent(answer.confidence)}.", ""]


def _markdown_not_found(answer: Answer) -> list[str]:
    lines = [f"**Not found.** {escape(answer.reason or '')}".rstrip(), ""]
    if answer.passages:
        nearest = (
            f"{escape(passage.source)}, characters {passage.start}–{passage.end}"
            for passage in answer.passages[:MARKDOWN_NEAREST]
        )
        lines += [f"Nearest passages, which are no answer: {'; '.join(nearest)}.", ""]
    return lines


def escape(words: str) -> str:
    """Write words as Markdown that shows exactly these words, on one line."""
    escaped = _MARKUP.sub(r"\\\1", " ".join(words.splitlines()))
    return _LINE_MARKUP.sub(lambda m: f"{m[1]}{m[3] or ''}\\{m[2] or m[4]}", escaped)
