"""A report on a file of questions as one web page, which loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from qa.answer import Answer, DocumentRef
from qa.citing import doi_link, emphasis, source_entry
from qa.export import TextOf
from qa.referenced import PROMISE, Entry, Quoted, Report, report_of
from qa.show import cells, emphasised, span_of

_STYLE = Markup("""\
:root { color-scheme: light dark; --soft: #5d676d; --line: #d9d4c7; --accent: #14606a;
  --mark: #fdeaa8; --ink: #1d2a31; --paper: #ffffff; --amber: #8a5a00; }
@media screen and (prefers-color-scheme: dark) {
  :root { --soft: #9aa5ab; --line: #3a444b; --accent: #7cc4c6; --mark: #5a4712; --ink: #e3e7e8;
    --paper: #14191d; --amber: #e6bd6a; } }
body { max-width: 44em; margin: 2.5em auto; padding: 0 1.2em; color: var(--ink);
  background: var(--paper); font: 17px/1.55 Charter, "Iowan Old Style", Palatino, Cambria, Georgia,
  "Liberation Serif", serif; overflow-wrap: anywhere; }
h1, h2, nav, .where, .notes, .sure, .about, .none, .differs, sup, th {
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0 0 0.2em; font-size: 1.7em; line-height: 1.2; }
h2 { margin: 2.2em 0 0.5em; font-size: 1.1em; line-height: 1.35; break-after: avoid; }
h2 span { color: var(--soft); font-weight: 400; margin-right: 0.4em; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
.sure { break-before: avoid; }
.about, .notes, .where, .sure { color: var(--soft); font-size: 0.82em; margin: 0.3em 0; }
nav ol { padding: 0.9em 1em 0.9em 3em; border: 1px solid var(--line); border-radius: 6px;
  font-size: 0.86em; }
nav li { padding: 0.1em 0; }
nav em { color: var(--amber); font-style: normal; white-space: nowrap; }
figure { margin: 1em 0 1.2em; break-inside: avoid; }
blockquote { margin: 0; padding: 0 0 0 1em; border-left: 3px solid var(--accent); }
blockquote p { margin: 0; }
figcaption { padding-left: 1.2em; }
strong { background: var(--mark); font-weight: 600; border-radius: 2px; }
sup { line-height: 0; font-size: 0.72em; margin-left: 0.15em; }
table { border-collapse: collapse; }
th, td { padding: 0.3em 1em 0.3em 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: normal; }
th { font-size: 0.85em; }
.scroll { overflow-x: auto; }
.none { border-left: 3px solid var(--amber); padding: 0.1em 0 0.1em 1em; font-size: 0.92em; }
.none p { margin: 0.3em 0; }
.none b { color: var(--amber); }
.differs { font-size: 0.88em; }
.references { padding-left: 2.2em; font-size: 0.9em; }
.references li { margin: 0.5em 0; padding-left: 0.3em; }
:target { outline: 2px solid var(--accent); outline-offset: 4px; border-radius: 2px; }
@page { margin: 20mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 10.5pt; }
  nav, .up { display: none; }
  strong { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  a { color: inherit; }
  .references li { break-inside: avoid; }
}
""")
_PAGE = Markup("""\
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style></head>
<body>
<header><h1>{title}</h1><p class="about">{summary}</p>
<p class="about">{origin} {promise}</p></header>
{contents}
<main>
{entries}</main>
{unanswered}{references}
</body></html>
""")


def to_html(
    answers: Sequence[Answer],
    text_of: TextOf,
    unanswered: Sequence[str] = (),
    title: str = "Answers",
) -> str:
    """Give the answers as a web page with a numbered list of references at its end.

    Args:
        answers: the answers in the order of the questions.
        text_of: the texts that every quote is held against.
        unanswered: a sentence for each question that could not be dealt with.
        title: the page's.

    Raises:
        NotVerbatim: a quote differs from its document.
        KeyError: ``text_of`` does not know a cited document.
    """
    report = report_of(answers, text_of, unanswered)
    return _PAGE.format(
        title=title,
        style=_STYLE,
        summary=report.summary,
        contents=_contents(report.entries),
        entries=Markup("").join(map(_entry, report.entries)),
        unanswered=_unanswered(report),
        references=_references(report.sources),
        origin=report.origin,
        promise=PROMISE,
    )


def _contents(entries: Sequence[Entry]) -> Markup:
    """A list of the questions to go to; none where there are few."""
    if len(entries) < 4:
        return Markup("")
    items = Markup("").join(
        Markup('<li><a href="#question-{}">{}</a>{}</li>').format(
            entry.number,
            entry.answer.question,
            "" if entry.quotes else Markup(" <em>not found</em>"),
        )
        for entry in entries
    )
    return Markup('<nav aria-label="Questions"><ol>{}</ol></nav>').format(items)


def _entry(entry: Entry) -> Markup:
    notes = Markup("").join(Markup('<p class="notes">{}</p>').format(note) for note in entry.notes)
    return Markup(
        '<section id="question-{n}"><h2><span>{n}.</span>{question}</h2>{notes}{body}</section>\n'
    ).format(
        n=entry.number,
        question=entry.answer.question,
        notes=notes,
        body=_found(entry) if entry.quotes else _not_found(entry),
    )


def _found(entry: Entry) -> Markup:
    quotes = Markup("").join(map(_quoted, entry.quotes))
    differs = Markup("").join(
        Markup('<p class="differs">{}</p>').format(sentence) for sentence in entry.differs
    )
    return Markup('{}{}<p class="sure">{}.</p>').format(quotes, differs, entry.sure)


def _quoted(quoted: Quoted) -> Markup:
    quote, start = quoted.quote, quoted.citation.start
    strong = span_of(emphasis(quote))
    number = Markup('<sup><a href="#source-{0}" aria-label="Reference {0}">{0}</a></sup>').format(
        quoted.number
    )
    if quote.header is None:
        body = Markup("<p>{}{}</p>").format(emphasised(quote.text, start, strong), number)
        caption = Markup.escape(quoted.where)
    else:
        body = Markup(
            '<div class="scroll"><table><thead><tr>{}</tr></thead><tbody><tr>{}</tr></tbody>'
            "</table></div>"
        ).format(
            cells(quote.header.text, quote.header.start, None, head=True),
            cells(quote.text, start, strong),
        )
        caption = Markup("{}{}").format(quoted.where, number)
    return Markup(
        '<figure><blockquote>{}</blockquote><figcaption class="where">{}</figcaption></figure>'
    ).format(body, caption)


def _not_found(entry: Entry) -> Markup:
    nearest = Markup('<p class="where">{}</p>').format(entry.nearest) if entry.nearest else ""
    return Markup('<div class="none"><p><b>Not found.</b> {}</p>{}</div>').format(
        entry.answer.reason or "", nearest
    )


def _unanswered(report: Report) -> Markup:
    if not report.unanswered:
        return Markup("")
    items = Markup("").join(Markup("<li>{}</li>").format(said) for said in report.unanswered)
    return Markup("<section><h2>Refused</h2><ul>{}</ul></section>\n").format(items)


def _references(sources: Sequence[DocumentRef]) -> Markup:
    if not sources:
        return Markup("")
    items = Markup("\n").join(
        Markup('<li id="source-{}">{}{}</li>').format(n, source_entry(document), _doi(document))
        for n, document in enumerate(sources, start=1)
    )
    return Markup(
        '<section><h2>References</h2>\n<ol class="references">\n{}\n</ol></section>\n'
    ).format(items)


def _doi(document: DocumentRef) -> Markup:
    link = doi_link(document.doi)
    return Markup(' <a class="up" href="{0}">{0}</a>').format(link) if link else Markup("")
