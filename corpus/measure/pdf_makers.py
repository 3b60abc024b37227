"""Articles set as PDFs in the layouts that papers have, by ReportLab and, where it is, WeasyPrint.

WeasyPrint (with Pango) sets footnotes, floats and balanced columns as a browser would; ReportLab
needs nothing but itself. Both hyphenate and justify where the layout says so.
"""

from __future__ import annotations

import html
import importlib.util
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.measure.pdf_articles import Article, Heading, Note, Part, Table

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable, Paragraph

_RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+−")
Maker = Callable[[Article], bytes]


@dataclass(frozen=True, slots=True)
class Layout:
    """How an article is set.

    Attributes:
        name: what it is called in the figures.
        columns: one or two.
        rules: of tables: every cell ruled, three lines, or none at all.
        wide: tables stand across both columns.
        turned: tables stand on pages of their own, turned by a quarter.
        narrow: table columns so narrow that most cells take several lines.
        numbered: every line has a number in the margin, lines are a double space apart.
        hyphens: words are broken at line ends, lines are justified.
        heads: pages have running heads.
    """

    name: str
    columns: int = 1
    rules: str = "three"
    wide: bool = False
    turned: bool = False
    narrow: bool = False
    numbered: bool = False
    hyphens: bool = True
    heads: bool = True


LAYOUTS = (
    Layout("one column, three-line tables"),
    Layout("one column, unruled tables, ragged right", rules="none", hyphens=False),
    Layout("one column, ruled tables with cells of many lines", rules="all", narrow=True),
    Layout("one column, three-line tables with cells of many lines", narrow=True),
    Layout("two columns, tables across both", columns=2, wide=True),
    Layout("two columns, ruled tables in a column", columns=2, rules="all", narrow=True),
    Layout("two columns, three-line tables in a column", columns=2),
    Layout("one column, tables on turned pages", rules="three", turned=True),
    Layout("manuscript with line numbers", numbered=True, hyphens=False),
)


def makers(layout: Layout) -> dict[str, Maker]:
    """Those who can set a layout, by name."""
    out: dict[str, Maker] = {}
    if not (layout.wide or layout.turned):
        out["ReportLab"] = lambda article: by_reportlab(article, layout)
    if not layout.numbered and has_weasyprint():
        out["WeasyPrint"] = lambda article: by_weasyprint(article, layout)
    return out


def has_weasyprint() -> bool:
    """Whether WeasyPrint is installed, with the Pango that it needs."""
    if importlib.util.find_spec("weasyprint") is None:
        return False
    try:
        importlib.import_module("weasyprint")
    except OSError:
        return False
    return True


def _marked(text: str, raise_tag: str) -> str:
    """The text as mark-up, raised digits as such."""
    opened, closed = f"<{raise_tag}>", f"</{raise_tag}>"
    return _RAISED.sub(
        lambda match: opened + match.group().translate(_PLAIN) + closed, html.escape(text)
    )


_CSS = """
@page { size: A4; margin: 25mm 17mm;
  @top-left { content: "Roe et al. Example Journal 2014, 12:101"; font-size: 8pt }
  @top-right { content: "Page " counter(page) " of " counter(pages); font-size: 8pt }
  @bottom-center { content: "© 2014 The authors. Reproduction with permission."; font-size: 7pt } }
@page turned { size: A4 landscape }
body { font: 9.5pt/1.25 serif; text-align: left; margin: 0 }
body.hyphens p { text-align: justify; hyphens: auto }
h1 { font-size: 17pt } h2 { font-size: 12pt } h3 { font-size: 10pt; font-style: italic }
h2, h3 { margin: 1em 0 .3em; break-after: avoid; line-height: 1.2 }
p { margin: 0; text-indent: 1em }
sup { font-size: 65%; line-height: 0; vertical-align: super }
.note { float: footnote; font-size: 7.5pt; text-indent: 0 }
.columns { columns: 2; column-gap: 7mm }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; margin: .3em 0 1em }
caption, .caption { text-align: left; font-weight: bold; font-size: 8.5pt; text-indent: 0;
  hyphens: none }
td, th { text-align: left; vertical-align: top; padding: 2pt 5pt }
.all td, .all th { border: .5pt solid black }
.three table { border-top: 1pt solid black; border-bottom: 1pt solid black }
.three thead th { border-bottom: .5pt solid black }
.narrow table { width: 70%; table-layout: fixed } .columns .narrow table { width: 100% }
.turned { page: turned }
"""


def by_weasyprint(article: Article, layout: Layout) -> bytes:
    """The article as a PDF, set by WeasyPrint."""
    import weasyprint

    opened = f'<div class="{"columns" if layout.columns == 2 else ""}">'
    body = opened
    for number, part in enumerate(article.parts):
        element = _element(part, number, layout)
        across = layout.wide and isinstance(part, Table)
        body += f"</div>{element}{opened}" if across else element
    page = (
        f'<html lang="en"><head><title>{html.escape(article.title)}</title><style>{_CSS}</style>'
        f'</head><body class="{"hyphens" if layout.hyphens else ""}"><h1>'
        f"{_marked(article.title, 'sup')}</h1>{body}</div></body></html>"
    )
    out: bytes = weasyprint.HTML(string=page).write_pdf()
    return out


def _element(part: Part, number: int, layout: Layout) -> str:
    if isinstance(part, Heading):
        return f"<h{part.level + 1}>{_marked(part.text, 'sup')}</h{part.level + 1}>"
    if isinstance(part, Note):
        if layout.columns > 1:
            return ""  # WeasyPrint's own columns and footnotes do not go together
        return f'<span class="note">{_marked(part.text, "sup")}</span>'
    if isinstance(part, str):
        return f"<p>{_marked(part, 'sup')}</p>"
    head, *rows = (
        "<tr>" + "".join(f"<{tag}>{_marked(c, 'sup')}</{tag}>" for c in row) + "</tr>"
        for tag, row in zip(["th", *["td"] * len(part.rows)], part.rows, strict=False)
    )
    classes = [layout.rules]
    classes += [name for name in ("wide", "turned", "narrow") if getattr(layout, name)]
    return (
        f'<div class="{" ".join(classes)}"><p class="caption">Table {number}. '
        f"{_marked(part.caption, 'sup')}</p>"
        f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def by_reportlab(article: Article, layout: Layout) -> bytes:
    """The article as a PDF, set by ReportLab's platypus; footnotes are left out."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

    make = _numbered() if layout.numbered else Paragraph
    styles = _styles(layout)
    width, height = A4
    left, gap = (70.0, 0.0) if layout.numbered else (50.0, 20.0)
    wide = (width - 2 * left - gap * (layout.columns - 1)) / layout.columns
    frames = [
        Frame(left + i * (wide + gap), 70, wide, height - 140, 0, 0, 0, 0)
        for i in range(layout.columns)
    ]
    story = [make(_marked(article.title, "super"), styles["title"])]
    for number, part in enumerate(article.parts):
        if isinstance(part, Heading):
            story.append(make(_marked(part.text, "super"), styles["heading"]))
        elif isinstance(part, str):
            story.append(make(_marked(part, "super"), styles["body"]))
        elif isinstance(part, Table) and not layout.numbered:
            caption = f"Table {number}. {_marked(part.caption, 'super')}"
            story += [make(caption, styles["caption"]), _table(part, layout, wide, styles["cell"])]
    file = io.BytesIO()
    template = BaseDocTemplate(file, pagesize=A4, title=article.title)
    template.addPageTemplates(
        PageTemplate(frames=frames, onPage=_furniture if layout.heads else _bare)
    )
    template.build(story)
    return file.getvalue()


def _styles(layout: Layout) -> dict[str, ParagraphStyle]:
    from reportlab.lib.enums import TA_JUSTIFY, TA_LEFT
    from reportlab.lib.styles import ParagraphStyle

    leading = 24 if layout.numbered else 12
    body = ParagraphStyle(
        "body",
        fontName="Times-Roman",
        fontSize=10,
        leading=leading,
        firstLineIndent=12,
        alignment=TA_JUSTIFY if layout.hyphens else TA_LEFT,
        hyphenationLang="en_US" if layout.hyphens else "",
    )
    space = 24 if layout.numbered else 8
    bold = {"fontName": "Times-Bold", "firstLineIndent": 0, "alignment": TA_LEFT}
    bold |= {"hyphenationLang": "", "spaceBefore": space, "leading": leading}
    return {
        "body": body,
        "title": ParagraphStyle("title", body, **bold | {"fontSize": 16, "leading": 24}),
        "heading": ParagraphStyle("heading", body, **bold | {"fontSize": 12}, keepWithNext=1),
        "caption": ParagraphStyle(
            "caption", body, **bold | {"fontSize": 9, "leading": 11}, keepWithNext=1
        ),
        "cell": ParagraphStyle(
            "cell", fontName="Times-Roman", fontSize=9, leading=10.5, splitLongWords=0
        ),
    }


def _table(table: Table, layout: Layout, width: float, style: ParagraphStyle) -> Flowable:
    from reportlab.lib.colors import black
    from reportlab.platypus import Paragraph as Set
    from reportlab.platypus import Table as Grid

    cells = [[Set(_marked(cell, "super"), style) for cell in row] for row in table.rows]
    share = 0.7 if layout.narrow and layout.columns == 1 else 1.0
    commands: list[tuple[object, ...]] = [("VALIGN", (0, 0), (-1, -1), "TOP")]
    if layout.rules == "all":
        commands.append(("GRID", (0, 0), (-1, -1), 0.5, black))
    elif layout.rules == "three":
        commands += [("LINEABOVE", (0, 0), (-1, 0), 1, black)]
        commands += [("LINEBELOW", (0, row), (-1, row), 0.5, black) for row in (0, -1)]
    each = share * width / len(table.rows[0])
    grid = Grid(cells, [each] * len(table.rows[0]), repeatRows=1, spaceAfter=10, hAlign="LEFT")
    grid.setStyle(commands)
    return grid


def _furniture(canvas: Canvas, document: object) -> None:
    """Running head and page number."""
    canvas.saveState()
    canvas.setFont("Times-Italic", 8)
    canvas.drawString(60, 800, "Roe et al. Example Journal 2014, 12:101")
    canvas.drawCentredString(297, 40, str(canvas.getPageNumber()))
    canvas.restoreState()


def _bare(canvas: Canvas, document: object) -> None:
    """A page without running head."""


def _numbered() -> type[Flowable]:
    """A kind of paragraph that numbers its lines in the margin, on and on over the pages."""
    from reportlab.platypus import Paragraph

    def draw(self: Paragraph) -> None:
        Paragraph.draw(self)
        canvas = self.canv
        canvas.saveState()
        canvas.setFont("Helvetica", 7)
        for i in range(len(self.blPara.lines)):
            canvas.lines_drawn = getattr(canvas, "lines_drawn", 0) + 1
            y = self.height - self.style.fontSize - i * self.style.leading
            canvas.drawRightString(-10, y, str(canvas.lines_drawn))
        canvas.restoreState()

    return type("Numbered", (Paragraph,), {"draw": draw})
