"""Content made to do harm, for a fuzzer.

Archives and entities that grow without end, entities that point elsewhere, nesting without end, one
endless line, PDF files that go round in circles.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

_MB = 1_000_000


def contents(trap: str, secret: Path) -> dict[str, Callable[[], bytes]]:
    """Content made to do harm, by file name.

    Args:
        trap: address of a local server that nobody may call.
        secret: a file whose words may not turn up in any document.
    """
    return {**_archives(), **_entities(trap, secret), **_nested(), **_endless(), **_pdfs()}


def _archives() -> dict[str, Callable[[], bytes]]:
    start = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    document = f"{start}</w:body></w:document>"
    paragraph = "<w:p><w:r><w:t>x</w:t></w:r></w:p>"
    workbook = "<workbook/>"
    return {
        "bomb.docx": lambda: _zip({"word/document.xml": ("<a>", " " * _MB, 900)}),
        "bomb-text.docx": lambda: _zip({"word/document.xml": (start, paragraph * 1000, 5000)}),
        "bomb.xlsx": lambda: _zip(
            {"xl/workbook.xml": workbook, "xl/sharedStrings.xml": ("<sst>", " " * _MB, 900)}
        ),
        "bomb-styles.docx": lambda: _zip(
            {"word/document.xml": document, "word/styles.xml": ("<a>", " " * _MB, 900)}
        ),
        "many.docx": lambda: _zip(
            {"word/document.xml": document} | {f"x/{n}": "" for n in range(70_000)}
        ),
        "outside.docx": lambda: _zip({"word/document.xml": "<a/>", "../../outside.txt": "x"}),
        "nested.zip.docx": lambda: _zip({"word/document.xml": "<a/>", "a.zip": "PK\x03\x04" * 99}),
        "header-only.docx": lambda: b"PK\x03\x04" + b"word/document.xml" * 50,
        "twice.docx": lambda: _zip({"word/document.xml": "<a/>"}) * 2,
    }


def _zip(members: Mapping[str, str | tuple[str, str, int]]) -> bytes:
    """An archive; a member is a text, or its beginning and another text so many times."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in members.items():
            first, again, times = (text, "", 0) if isinstance(text, str) else text
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(first.encode())
                for _ in range(times):
                    member.write(again.encode())
    return out.getvalue()


def _packed(text: bytes, times: int) -> bytes:
    """A text so many times, compressed bit by bit."""
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(text) for _ in range(times)) + packer.flush()


def _entities(trap: str, secret: Path) -> dict[str, Callable[[], bytes]]:
    laughs = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(12)
    )
    growing = f'<!ENTITY q "{"q" * 100_000}">'
    file = f'<!ENTITY e SYSTEM "{secret.as_uri()}">'
    call = f'<!ENTITY e SYSTEM "{trap}/entity">'
    outer = f'<!ENTITY % p SYSTEM "{trap}/dtd"> %p;'
    cases = {
        "laughs": (laughs, "&l11;"),
        "growing": (growing, "&q;" * 20_000),
        "file": (file, "&e;"),
        "call": (call, "&e;"),
        "outer": (outer, "&e;"),
        "loop": ('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
    }
    made: dict[str, Callable[[], bytes]] = {}
    for name, (subset, use) in cases.items():
        for root, wrap in (
            ("article", "<body><p>Mice ate {}.</p></body>"),
            (
                "PubmedArticleSet",
                "<PubmedArticle><Abstract>Mice ate {}.</Abstract></PubmedArticle>",
            ),
            ("html", "<body><p>Mice ate {}.</p></body>"),
        ):
            text = (
                f'<?xml version="1.0"?>\n<!DOCTYPE {root} [{subset}]>\n'
                f"<{root}>{wrap.format(use)}</{root}>"
            )
            made[f"entity-{name}.{root}.xml"] = text.encode
    dtd = f'<?xml version="1.0"?>\n<!DOCTYPE article SYSTEM "{trap}/x.dtd">\n<article/>'
    made["dtd.xml"] = dtd.encode
    include = (
        f'<article xmlns:xi="http://www.w3.org/2001/XInclude"><body><p><xi:include '
        f'href="{secret.as_uri()}" parse="text"/> Mice ate.</p></body></article>'
    )
    made["include.xml"] = include.encode
    page = f'<html><head><link rel="stylesheet" href="{trap}/x.css"></head><body><p>Mice ate.</p>'
    made["calls.html"] = (
        f'{page}<img src="{trap}/x.png"><iframe src="{trap}/f"></iframe></body></html>'.encode
    )
    return made


def _nested() -> dict[str, Callable[[], bytes]]:
    deep = 200_000
    return {
        "deep.html": lambda: b"<html><body>" + b"<div>" * deep + b"Mice ate.",
        "deep-table.html": lambda: b"<html><body>" + b"<table><tr><td>" * 20_000 + b"Mice ate.",
        "deep-list.html": lambda: b"<html><body>" + b"<ul><li>" * 50_000 + b"Mice ate.",
        "deep.xml": lambda: b"<article><body>" + b"<sec>" * deep + b"<p>Mice ate.</p>",
        "deep-closed.xml": lambda: (
            b"<article><body>" + b"<sec>" * deep + b"<p>Mice.</p>" + b"</sec>" * deep
        ),
        "deep-quote.md": lambda: b"# Mice\n\n" + b">" * deep + b" Mice ate.\n",
        "deep-list.md": lambda: b"\n".join(b" " * 2 * n + b"- Mice ate." for n in range(3000)),
        "deep-brackets.md": lambda: b"# Mice\n\n" + b"[" * deep + b"](" * 1000,
        "deep-stars.md": lambda: b"# Mice\n\n" + b"*a_" * deep,
        "deep-ticks.md": lambda: b"".join(b"`" * n + b" " for n in range(2000)),
        "deep-front.md": lambda: b"---\na: " + b"[" * deep + b"\n---\nMice ate.\n",
        "alias-front.md": lambda: (
            b"---\na0: &a0 [x, x]\n"
            + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 60))
            + b"title: *a59\n---\nMice ate.\n"
        ),
        "deep.bib": lambda: b"@article{a, abstract = " + b"{" * deep,
        "deep-strings.bib": lambda: (
            b'@string{a0 = "x"}\n'
            + b"".join(b"@string{a%d = a%d # a%d}\n" % (n, n - 1, n - 1) for n in range(1, 60))
            + b"@article{k, title = a59, abstract = a59}\n"
        ),
        "deep.ris": lambda: b"TY  - JOUR\n" * 20_000,
        "quotes.csv": lambda: b'Title,Abstract\n"' + b'""' * _MB,
    }


def _endless() -> dict[str, Callable[[], bytes]]:
    size = 10 * _MB
    made: dict[str, Callable[[], bytes]] = {
        "line-words.txt": lambda: b"mice ate rice " * (size // 14),
        "line-letters.txt": lambda: b"a" * size,
        "line-digits.txt": lambda: b"1" * size,
        "line-stops.txt": lambda: b"Mice et al. ate. " * (size // 17),
        "line-dots.txt": lambda: b"." * size,
        "line-brackets.txt": lambda: b"(" * size,
        "line-hyphens.txt": lambda: b"a-" * (size // 2),
        "line-capitals.txt": lambda: b"A. " * (size // 3),
        "line-spaces.txt": lambda: b"Mice" + b" " * size + b"ate.",
        "lines-short.txt": lambda: b"a-\n" * (size // 3),
        "lines-tabs.txt": lambda: b"1\t2\t3\n" * (size // 6),
        "line-pipes.md": lambda: b"|a" * (size // 20) + b"\n" + b"|-" * (size // 20) + b"\n|b",
        "line-links.md": lambda: b"[a](b" * (size // 50),
        "line.html": lambda: b"<html><body><p>" + b"mice ate " * (size // 9),
        "line-attributes.html": lambda: b"<html><body><p " + b"a=b " * (size // 4) + b">Mice.",
        "line-tags.html": lambda: b"<html><body>" + b"<b>" * (size // 30) + b"Mice ate.",
        "line-entities.html": lambda: b"<html><body><p>" + b"&amp;" * (size // 5),
        "line.ris": lambda: b"TY  - JOUR\nAB  - " + b"mice ate " * (size // 9) + b"\nER  - \n",
        "line.nbib": lambda: b"PMID- 1\nAB  - " + b"mice ate " * (size // 9),
        "line.csv": lambda: b"Title,Abstract\n" + b"a," * (size // 20) + b"\n",
        "nuls.txt": lambda: bytes(_MB),
        "nuls-between.txt": lambda: b"M\0i\0c\0e\0 \0a\0t\0e\0.\0" * 1000,
        "mark-only.txt": lambda: b"\xef\xbb\xbf",
        "mark-16.txt": lambda: b"\xff\xfe",
        "half-pair.txt": lambda: b"\xff\xfe" + b"\x00\xd8" * 1000,
        "one-byte.pdf": lambda: b"%",
        "controls.txt": lambda: bytes(range(32)) * 1000 + b"Mice ate.",
        "marks.txt": lambda: ("Mice" + "\u0301" * _MB + " ate.").encode(),
        "directions.txt": lambda: ("\u202e" * 1000 + "Mice ate." + "\u2066" * 1000).encode(),
        "acronyms.txt": lambda: (b"(" + b"A B C D E F G " * 20 + b") " + b"(ABCDEFG) ") * 500,
    }
    return made


def _pdfs() -> dict[str, Callable[[], bytes]]:
    def pdf(*objects: str, stream: bytes = b"") -> bytes:
        body = "".join(f"{n} 0 obj\n{text}\nendobj\n" for n, text in enumerate(objects, start=1))
        head = b"%PDF-1.7\n" + body.encode("latin-1")
        last = len(objects) + 1
        data = f"{last} 0 obj\n<</Length {len(stream)}/Filter/FlateDecode>>stream\n".encode()
        end = f"\nendstream\nendobj\ntrailer\n<</Root 1 0 R/Size {last + 1}>>\n%%EOF".encode()
        return head + data + stream + end

    catalogue = "<</Type/Catalog/Pages 2 0 R>>"
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {} {}]/Contents 4 0 R>>"
    one = "<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return {
        "loop.pdf": lambda: pdf(catalogue, "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>", "null"),
        "many-pages.pdf": lambda: pdf(
            catalogue, "<</Type/Pages/Kids[3 0 R]/Count 99999999>>", page.format(9, 9)
        ),
        "same-page.pdf": lambda: pdf(
            catalogue,
            f"<</Type/Pages/Kids[{'3 0 R ' * 50_000}]/Count 50000>>",
            page.format(99, 99),
            stream=zlib.compress(b"BT ET"),
        ),
        "bomb.pdf": lambda: pdf(
            catalogue, one, page.format(600, 800), stream=_packed(b" " * _MB, 900)
        ),
        "vast.pdf": lambda: pdf(catalogue, one, page.format(10**9, 10**9), stream=b""),
        "deep.pdf": lambda: pdf(catalogue, "[" * 200_000),
        "glyphs.pdf": lambda: pdf(
            catalogue,
            one,
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F"
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
            stream=zlib.compress(b"BT /F 9 Tf " + b"(mice ate rice) Tj " * 300_000 + b"ET", 1),
        ),
        "tail.pdf": lambda: b"%PDF-1.4\n" + b"0 0 obj " * _MB,
    }
