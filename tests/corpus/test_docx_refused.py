"""Word files and other archives: which are read under any name, which are refused and why."""

from __future__ import annotations

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.load import LoadError, load_bytes
from tests.corpus.word_files import NS, PROSE, fill, packed, run, saved, texts, unpacked


def test_a_macro_file_a_template_and_the_strict_form_are_read_under_any_name() -> None:
    word = docx.Document()
    word.add_heading("Methods", 1)
    word.add_paragraph(PROSE)
    members = unpacked(saved(word))
    types = members["[Content_Types].xml"]
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    for other in (
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    ):
        members["[Content_Types].xml"] = types.replace(main, other)
        assert ("heading", "Methods") in texts(load_bytes(packed(members), "x.bin"))
    members["word/document.xml"] = members["word/document.xml"].replace(
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert ("heading", "Methods") in texts(load_bytes(packed(members), "x.bin"))


def changed(part: str, content: bytes) -> bytes:
    word = docx.Document()
    word.add_paragraph(PROSE)
    members = unpacked(saved(word))
    members[part] = content
    return packed(members)


BOMB = f"<w:document {NS}><w:body>".encode() + b"<w:p/>" * 3_000_000
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    + f"<w:document {NS}><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body>".encode()
    + b"</w:document>"
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04rest", "damaged or cut short"),
        (changed("word/document.xml", BOMB), "ZIP bomb"),
        (changed("word/document.xml", ENTITIES), "document type declaration"),
        (changed("word/document.xml", ENTITIES.decode().encode("utf-16")), "document type"),
        (changed("word/document.xml", b"<w:document"), "damaged Word file"),
        (changed("word/document.xml", b""), "without its text"),
        (changed("word/document.xml", f"<w:document {NS}/>".encode()), "without its text"),
        (
            changed("word/document.xml", f"<w:document {NS}><w:body/></w:document>".encode()),
            "without text",
        ),
        (packed({"a.txt": b"x"}), "is a ZIP archive"),
        (packed({"mimetype": b"application/vnd.oasis.opendocument.text"}), "OpenDocument text"),
        (packed({"mimetype": b"application/epub+zip"}), "e-book"),
        (
            packed(
                {
                    "[Content_Types].xml": b"application/vnd.openxmlformats-officedocument."
                    b"presentationml.presentation.main+xml"
                }
            ),
            "PowerPoint",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is an old Office file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "is protected by a password",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "data",
)
def test_what_is_no_sound_word_file_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(LoadError) as caught:
        load_bytes(data, "paper.docx")
    assert reason in caught.value.reason
    assert "\n" not in str(caught.value)


def test_tables_in_tables_in_tables_do_not_exhaust_the_reader() -> None:
    inner = "<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
    for _ in range(60):
        inner = f"<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc>{inner}<w:p/></w:tc></w:tr></w:tbl>"
    data = changed(
        "word/document.xml",
        f"<w:document {NS}><w:body>{run('')}{inner}</w:body></w:document>".encode(),
    )
    assert "deep" in load_bytes(data, "a.docx").text


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=40), st.booleans())
def test_a_damaged_file_is_read_or_refused_in_one_sentence(
    at: int, noise: bytes, cut: bool
) -> None:
    found = outcome(damaged(at, noise, cut))
    assert found
    assert "Traceback" not in found


def damaged(at: int, noise: bytes, cut: bool) -> bytes:
    """A file with noise in its archive, or in its main part inside a sound archive."""
    word = docx.Document()
    word.add_paragraph(PROSE)
    fill(word, [["a", "b"], ["c", "d"]])
    data = saved(word)
    if cut:
        place = at * len(data) // 10_000
        return data[:place] + noise + data[place + len(noise) :]
    members = unpacked(data)
    main = members["word/document.xml"]
    place = at * len(main) // 10_000
    members["word/document.xml"] = main[:place] + noise + main[place + len(noise) :]
    return packed(members)


def outcome(data: bytes) -> str:
    """The text that is read, or the sentence that refuses it."""
    try:
        return load_bytes(data, "a.docx").text
    except LoadError as error:
        return str(error)
