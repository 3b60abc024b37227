"""A report on a file of questions as a Word document."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from corpus.document import Span
from qa.answer import Answer
from qa.citing import emphasis, source_entry
from qa.export import TextOf
from qa.referenced import PROMISE, Entry, Quoted, Report, report_of
from qa.show import CELL, span_of

_ACCENT, _SOFT, _AMBER = (
    RGBColor(0x14, 0x60, 0x6A),
    RGBColor(0x5D, 0x67, 0x6D),
    RGBColor(138, 90, 0),
)
_MARK = "FDEAA8"
_MARGIN, _INDENT = Mm(24), Mm(6)
_WIDTH = Mm(210 - 2 * 24 - 6)
"""Of a quote: an A4 page's without margins and indent."""
# XML has no way to write these; everything else is written as it is.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def to_docx(
    answers: Sequence[Answer],
    text_of: TextOf,
    unanswered: Sequence[str] = (),
    title: str = "Answers",
) -> bytes:
    """Give the answers as a Word document with a numbered list of references at its end.

    The same answers give the same bytes: the file holds no date. A control character, which a Word
    file cannot hold, is written as U+FFFD.

    Args:
        answers: the answers in the order of the questions.
        text_of: the texts that every quote is held against.
        unanswered: a sentence for each question that could not be dealt with.
        title: the document's.

    Raises:
        NotVerbatim: a quote differs from its document.
        KeyError: ``text_of`` does not know a cited document.
    """
    report = report_of(answers, text_of, unanswered)
    document = _blank(title)
    document.add_paragraph(_writable(title), style="Title")
    _soft(document, report.summary)
    _soft(document, f"{report.origin} {PROMISE}".strip())
    for entry in report.entries:
        _entry(document, entry)
    _lists(document, report)
    return _bytes(document)


def _blank(title: str) -> Document:
    """An A4 document with the report's styles and page numbers, and without a date."""
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.comments = _writable(title), "Pincite", ""
    for date in properties._element.xpath("dcterms:created | dcterms:modified"):
        properties._element.remove(date)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = Mm(22)
    _style(document, "Normal", 11, after=4)
    _style(document, "Title", 22, after=2, colour=_ACCENT)
    _style(document, "Heading 1", 13, before=16, after=4, colour=RGBColor(0x1D, 0x2A, 0x31))
    quote = _style(document, "Quote", 11, before=4, after=2)
    quote.font.italic = False
    quote.paragraph_format.left_indent = _INDENT
    quote.paragraph_format.keep_with_next = True
    _page_numbers(section.footer.paragraphs[0])
    return document


def _style(
    document: Document,
    name: str,
    size: int,
    *,
    before: int = 0,
    after: int = 0,
    colour: RGBColor | None = None,
) -> ParagraphStyle:
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"{name} is no style of a paragraph")
    style.font.name, style.font.size = "Calibri", Pt(size)
    # The template's headings name a theme's fonts, which win over a font's own name.
    fonts = style.element.get_or_add_rPr().rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    if colour is not None:
        style.font.color.rgb = colour
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    return style


def _page_numbers(footer: Paragraph) -> None:
    footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = footer.add_run()
    for kind, words in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        part.text = words or None
        run._r.append(part)
    _small(run)


def _entry(document: Document, entry: Entry) -> None:
    document.add_paragraph(
        _writable(f"{entry.number}. {_line(entry.answer.question)}"), style="Heading 1"
    )
    for note in entry.notes:
        _soft(document, note)
    for quoted in entry.quotes:
        _quoted(document, quoted)
    for sentence in entry.differs:
        document.add_paragraph(_writable(sentence))
    if entry.quotes:
        _soft(document, f"{entry.sure}.")
        return
    said = document.add_paragraph()
    head = said.add_run("Not found.")
    head.bold, head.font.color.rgb = True, _AMBER
    said.add_run(_writable(f" {entry.answer.reason or ''}".rstrip()))
    if entry.nearest:
        _soft(document, entry.nearest)


def _quoted(document: Document, quoted: Quoted) -> None:
    quote, strong = quoted.quote, span_of(emphasis(quoted.quote))
    if quote.header is None:
        words = document.add_paragraph(style="Quote")
        _words(words, quote.text, quoted.citation.start, strong)
        _citation(words, quoted.number)
        where = _soft(document, quoted.where)
    else:
        _row(document, quoted, strong)
        where = _soft(document, quoted.where)
        where.paragraph_format.space_before = Pt(3)
        _citation(where, quoted.number)
    where.paragraph_format.left_indent = _INDENT
    where.paragraph_format.space_after = Pt(8)


def _row(document: Document, quoted: Quoted, strong: Span | None) -> None:
    """A table row under its header, a cell of the source a cell."""
    header = quoted.quote.header
    heads = header.text.split(CELL) if header else []
    row = quoted.quote.text.split(CELL)
    table = document.add_table(rows=2, cols=max(len(heads), len(row)), style="Table Grid")
    inset = OxmlElement("w:tblInd")
    inset.set(qn("w:w"), str(int(_INDENT.twips)))
    inset.set(qn("w:type"), "dxa")
    # Word wants these in the order of its schema: the indent follows the width.
    table._tbl.tblPr.find(qn("w:tblW")).addnext(inset)
    for cell, words in zip(table.rows[0].cells, heads, strict=False):
        cell.paragraphs[0].add_run(_writable(words)).bold = True
    at = quoted.citation.start
    for cell, words in zip(table.rows[1].cells, row, strict=False):
        _words(cell.paragraphs[0], words, at, strong)
        at += len(words) + len(CELL)
    table.autofit = False
    for column in table.columns:
        column.width = Emu(_WIDTH // len(table.columns))
    for cell in (cell for line in table.rows for cell in line.cells):
        cell.width = Emu(_WIDTH // len(table.columns))
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_after = Pt(0)


def _words(paragraph: Paragraph, text: str, offset: int, strong: Span | None) -> None:
    """Write words that begin at ``offset``, with the part inside ``strong`` marked."""
    low, high = (strong.start - offset, strong.end - offset) if strong else (0, 0)
    low, high = max(0, min(low, len(text))), max(0, min(high, len(text)))
    for part, marked in ((text[:low], False), (text[low:high], True), (text[high:], False)):
        if part:
            run = paragraph.add_run(_writable(part))
            if marked:
                run.bold = True
                _shade(run)


def _shade(run: Run) -> None:
    """Give words the page's mark, which is softer than Word's own yellow."""
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _MARK)):
        shade.set(qn(f"w:{name}"), value)
    run._r.get_or_add_rPr().append(shade)


def _citation(paragraph: Paragraph, number: int) -> None:
    """A raised number that leads to its entry in the list of references."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), _mark(number))
    run = paragraph.add_run(str(number))
    run.font.superscript, run.font.color.rgb = True, _ACCENT
    run.font.size = Pt(11)
    link.append(run._r)
    paragraph._p.append(link)


def _lists(document: Document, report: Report) -> None:
    """The questions that were refused, and the list of references."""
    if report.unanswered:
        document.add_paragraph("Refused", style="Heading 1")
    for sentence in report.unanswered:
        document.add_paragraph(_writable(sentence))
    if report.sources:
        document.add_paragraph("References", style="Heading 1")
    for number, source in enumerate(report.sources, start=1):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.left_indent = Mm(9)
        paragraph.paragraph_format.first_line_indent = Mm(-9)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(9))
        begin, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        begin.set(qn("w:name"), _mark(number))
        for mark in (begin, end):
            mark.set(qn("w:id"), str(number))
        paragraph._p.append(begin)
        paragraph.add_run(f"{number}.\t")
        paragraph._p.append(end)
        paragraph.add_run(_writable(source_entry(source)))


def _mark(number: int) -> str:
    return f"source{number}"


def _soft(document: Document, words: str) -> Paragraph:
    paragraph = document.add_paragraph()
    _small(paragraph.add_run(_writable(words)))
    return paragraph


def _small(run: Run) -> None:
    run.font.size, run.font.color.rgb = Pt(9), _SOFT


def _line(words: str) -> str:
    return " ".join(words.split())


def _writable(words: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", words)


def _bytes(document: Document) -> bytes:
    """The file, without the times that a zip archive keeps of its parts."""
    first, out = io.BytesIO(), io.BytesIO()
    document.save(first)
    with (
        zipfile.ZipFile(first) as parts,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as dateless,
    ):
        for name in parts.namelist():
            dateless.writestr(
                zipfile.ZipInfo(name, _LONG_AGO), parts.read(name), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()
