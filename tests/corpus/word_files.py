"""Word files made for tests: by python-docx, and by WordprocessingML put into them."""

from __future__ import annotations

import io
import zipfile

from docx.document import Document as WordFile
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.text.paragraph import Paragraph

from corpus.document import Document
from corpus.load import load_bytes

NS = nsdecls("w", "m", "wp", "a")
MC = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
PROSE = "Mice were weighed twice a day for twelve weeks, and none of them lost any weight at all."


def saved(word: WordFile) -> bytes:
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()


def read(word: WordFile, name: str = "paper.docx") -> Document:
    return load_bytes(saved(word), name)


def texts(document: Document) -> list[tuple[str, str]]:
    """Kind and reading text of each block."""
    return [(b.kind.value, document.text[b.start : b.end]) for b in document.blocks]


def sections(document: Document) -> dict[str, str | None]:
    return {document.text[b.start : b.end]: b.section for b in document.blocks}


def put(word: WordFile, inner: str, *, properties: str = "") -> Paragraph:
    """Add a paragraph of the given WordprocessingML."""
    paragraph = word.add_paragraph()
    made = parse_xml(f"<w:p {NS} {MC}><w:pPr>{properties}</w:pPr>{inner}</w:p>")
    for element in list(made):
        paragraph._p.append(element)
    return paragraph


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def field(code: str, result: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def fill(word: WordFile, rows: list[list[str]]) -> None:
    table = word.add_table(rows=len(rows), cols=len(rows[0]))
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            table.cell(y, x).text = text


def with_parts(data: bytes, **parts: str) -> bytes:
    """The file with parts ("footnotes", "endnotes") added that its text is related to."""
    members = unpacked(data)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    added = "".join(
        f'<Relationship Id="x{kind}" Type="{office}/{kind}" Target="{kind}.xml"/>' for kind in parts
    )
    rels = "word/_rels/document.xml.rels"
    members[rels] = members[rels].replace(b"</Relationships>", f"{added}</Relationships>".encode())
    for kind, content in parts.items():
        members[f"word/{kind}.xml"] = f"<w:{kind} {NS}>{content}</w:{kind}>".encode()
    return packed(members)


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()
