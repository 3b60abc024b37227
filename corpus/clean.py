"""Raw blocks to reading text, with the map back to the source.

Every rule is a replacement on a ``MappedText``, so no rule can lose the address of a character.
Words are mended only where that is certain: the mended word must be a known one (the document's own
words or a general word list) and the broken one must not.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from corpus.document import Block, BlockKind, SourceMap, Span
from corpus.mapped import MappedText
from corpus.readers.base import Piece, RawBlock, RawDocument
from corpus.word_frequency import zipf

_LINE_HYPHEN = re.compile(r"(?<=[^\W\d_])(?:-|\u2010)[ \t]*[\r\n]\s*(?=[^\W\d_])")
# A soft hyphen says itself that the word goes on, and that it is written without a hyphen.
_SOFT_HYPHEN = re.compile(r"(?<=\w)\u00ad[ \t]*[\r\n]\s*(?=\w)")
_NUMBER_HYPHEN = re.compile(r"(?<=[\w)])([-\u2013/])[ \t]*[\r\n]\s*(?=\w)")
# A dash with no space before it at a line's end, or behind it at the next one's beginning.
_LINE_DASH = re.compile(r"(?<=\w)[ \t]*[\r\n]+\s*(?=—\w)|(?<=\w—)[ \t]*[\r\n]\s*(?=\w)")
_LINE_ADDRESS = re.compile(r"(?<=[/?=&_])[ \t]*[\r\n]\s*(?=\w)")
_ADDRESS = re.compile(r"(?:https?|ftp)://\S*$|\bwww\.\S*$")
# Scripts that set no spaces: a line's end is none.
_UNSPACED = "\u3000-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef"
_LINE_UNSPACED = re.compile(rf"(?<=[{_UNSPACED}])[ \t]*[\r\n]\s*(?=[{_UNSPACED}])")
_STRAY_SPACE = re.compile(r"(?<=[^\W\d_]{4}) (?=[a-z])")
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u3000]+")
# Between two such letters a line's end is no space: they are written without any.
_WIDE = (
    "[\u2e80-\u303f\u3041-\u30ff\u3100-\u312f\u31f0-\u9fff\uf900-\ufaff\uff01-\uff60"
    "\U00020000-\U0003ffff]"
)
_WIDE_LINE = re.compile(rf"(?<={_WIDE})[ \t\u3000]*[\r\n\v]\s*(?={_WIDE})")
# A zero-width non-joiner parts letters of scripts that are joined; elsewhere it is nothing.
_UNSEEN = re.compile(
    "[\u00ad\u200b\u2060\ufeff\0]+"
    "|(?<![\u0600-\u08ff\u0900-\u0dff])\u200c|\u200c(?![\u0600-\u08ff\u0900-\u0dff])"
)
_LIGATURES = re.compile("[\ufb00-\ufb06]")
# A character with the marks that combine with it, so that only these are written anew.
_MARKED = re.compile(
    r"\S[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0d7f"
    r"\u0e31-\u0e3a\u1100-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ua8e0-\ua8f1"
    r"\ufe20-\ufe2f]*"
)
_ANY = re.compile(r"\S+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONGEST_ADDRESS = 300
_BETWEEN_CELLS = " | "


def clean(document: RawDocument) -> tuple[str, tuple[Block, ...], SourceMap]:
    """Make the reading text of a raw document.

    Returns:
        The reading text (NFC; blocks a blank line apart, the rows of a table a line), its blocks
        with sections and, for table rows, header and group spans, and the map to the source.
    """
    vocabulary = _vocabulary(document.raw) if document.mend else Counter[str]()
    parts: list[MappedText] = []
    blocks: list[Block] = []
    spans: dict[int, Span] = {}
    headings: list[tuple[int, str]] = []
    offset = 0
    last: BlockKind | None = None
    for number, raw_block in enumerate(document.blocks):
        text = _block_text(document, raw_block, vocabulary)
        if not text.text:
            continue
        if parts:
            gap = "\n" if _in_table(last) and _in_table(raw_block.kind) else "\n\n"
            parts.append(MappedText.inserted(gap))
            offset += len(gap)
        span = spans[number] = Span(offset, offset + len(text.text))
        section = " › ".join(title for _, title in headings) or None
        blocks.append(
            Block(
                start=span.start,
                end=span.end,
                kind=raw_block.kind,
                section=section,
                page=_page(document, text),
                header=spans.get(raw_block.header) if raw_block.header is not None else None,
                group=spans.get(raw_block.group) if raw_block.group is not None else None,
            )
        )
        if raw_block.kind is BlockKind.HEADING:
            level = raw_block.level or 1
            headings = [h for h in headings if h[0] < level]
            headings.append((level, text.text))
        parts.append(text)
        offset = span.end
        last = raw_block.kind
    whole = MappedText.concat(parts)
    return whole.text, tuple(blocks), whole.source_map().moved(document.first)


def _in_table(kind: BlockKind | None) -> bool:
    return kind in (BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW)


def _page(document: RawDocument, text: MappedText) -> int | None:
    if document.places is None:
        return None
    known = text.low[text.low >= 0]
    pages = document.places.pages([Span(int(known[0]), int(known[0]) + 1)]) if len(known) else []
    return pages[0] if pages else None


def _block_text(document: RawDocument, block: RawBlock, vocabulary: Counter[str]) -> MappedText:
    cells = [_cell_text(document, cell, vocabulary) for cell in block.cells]
    if len(cells) == 1:
        return cells[0]
    parts: list[MappedText] = []
    for i, cell in enumerate(cells):
        if i:
            parts.append(MappedText.inserted(_BETWEEN_CELLS))
        parts.append(cell)
    return MappedText.concat(parts) if any(c.text for c in cells) else MappedText.inserted("")


def _cell_text(
    document: RawDocument, pieces: Sequence[Piece], vocabulary: Counter[str]
) -> MappedText:
    text = MappedText.of_pieces(document.raw, pieces)
    if document.mend:
        text = _mend_line_ends(text, vocabulary)
    text = text.sub(_UNSEEN, lambda match: "")
    text = text.sub(_LIGATURES, lambda match: unicodedata.normalize("NFKC", match.group()))
    for pattern in (_MARKED, _ANY):
        if not unicodedata.is_normalized("NFC", text.text):
            text = text.sub(pattern, lambda match: unicodedata.normalize("NFC", match.group()))
    text = text.sub(_WIDE_LINE, lambda match: _fold_wide(document.raw, text, match))
    text = text.sub(_SPACES, lambda match: " ")
    if document.mend:
        text = text.sub(_STRAY_SPACE, lambda match: _mend_stray_space(match, vocabulary))
    return text.strip()


def _fold_wide(raw: str, text: MappedText, match: re.Match[str]) -> str | None:
    """Drop a line's end in Japanese or Chinese; what stands for mark-up or a cell's end stays."""
    low, high = int(text.low[match.start()]), int(text.high[match.end() - 1])
    return "" if low >= 0 and raw[low:high].isspace() else None


def _mend_line_ends(text: MappedText, vocabulary: Counter[str]) -> MappedText:
    """Mend hyphens and slashes at line ends.

    "inter-/national" joins; "anti-/apoptotic" keeps its hyphen where the document or the word
    list knows the word only with it.
    """

    def hyphen(match: re.Match[str]) -> str | None:
        left = _word_before(match.string, match.start())
        right = _word_after(match.string, match.end())
        return "" if _joins(left, right, vocabulary) else "-"

    text = text.sub(_SOFT_HYPHEN, lambda match: "")
    text = text.sub(_LINE_HYPHEN, hyphen)
    text = text.sub(_NUMBER_HYPHEN, lambda match: match.group(1))
    text = text.sub(_LINE_DASH, lambda match: "")
    text = text.sub(_LINE_ADDRESS, _within_address)
    return text.sub(_LINE_UNSPACED, lambda match: "")


def _within_address(match: re.Match[str]) -> str | None:
    """Nothing where a line's end stands inside the address of a web page."""
    before = match.string[max(0, match.start() - _LONGEST_ADDRESS) : match.start()]
    return "" if _ADDRESS.search(before) else None


def _joins(left: str, right: str, vocabulary: Counter[str]) -> bool:
    """Whether a word broken by a hyphen at a line's end is written without it."""
    joined, hyphenated = (left + right).lower(), f"{left}-{right}".lower()
    if not right[:1].islower() or not left or (left.isupper() and len(left) > 1):
        # "Child-/Pugh", "HCC-/related"; but "SP-/M99" where the document writes "SPM99".
        return bool(left) and vocabulary[joined] > 0 and not vocabulary[hyphenated]
    if vocabulary[joined] != vocabulary[hyphenated]:
        return vocabulary[joined] > vocabulary[hyphenated]
    if zipf(joined) >= 1.5:
        return True
    # A rare term ("hepatocarcino-/genesis"): two halves that are no words alone are one word.
    return zipf(left.lower()) < 1.5 or zipf(right.lower()) < 1.5


def _mend_stray_space(match: re.Match[str], vocabulary: Counter[str]) -> str | None:
    """Join "pathogenes is": only where the left part is no word and the whole is one."""
    left = _word_before(match.string, match.start())
    right = _word_after(match.string, match.end())
    word, joined = left.lower(), (left + right).lower()
    if not left or vocabulary[word] > 1 or zipf(word) > 0 or left.isupper():
        return None
    return "" if zipf(joined) >= 1.5 or vocabulary[joined] > 0 else None


def _word_before(text: str, end: int) -> str:
    start = end
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    return text[start:end]


def _word_after(text: str, start: int) -> str:
    end = start
    while end < len(text) and text[end].isalpha():
        end += 1
    return text[start:end]


def _vocabulary(raw: str) -> Counter[str]:
    """How often the document itself writes each word, with and without inner hyphens."""
    words: Counter[str] = Counter()
    for match in _WORD.finditer(raw):
        word = match.group().lower()
        words[word] += 1
        if "-" in word:
            words.update(word.split("-"))
    return words
