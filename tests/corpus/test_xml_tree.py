"""XML trees: every run of text knows its place; what is broken or made to do harm is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corpus.readers.base import Unreadable
from corpus.readers.xml_source import root_of
from corpus.readers.xml_tree import MAX_DEPTH, Record, piece_text, records

A = frozenset({"a"})


def only(source: str | bytes) -> Record:
    data = source.encode() if isinstance(source, str) else source
    [record] = records(data, A)
    return record


def runs(record: Record) -> list[tuple[str, str]]:
    """Each run of text: what it says, and the characters of the source that it stands for."""
    return [(piece_text(p, record.raw), record.raw[p.start : p.end]) for p in record.root.pieces()]


def refusal(source: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        list(records(source, A))
    assert "\n" not in caught.value.reason
    return caught.value.reason


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<a>β-catenin ≥ 5</a>", [("β-catenin ≥ 5", "β-catenin ≥ 5")]),
        ("<a>β&lt;5</a>", [("β", "β"), ("<", "&lt;"), ("5", "5")]),
        ("<a>&#946;&#x3b2;</a>", [("β", "&#946;"), ("β", "&#x3b2;")]),
        ("<a>one<!-- not &this; -->two</a>", [("one", "one"), ("two", "two")]),
        ("<a>one<?page 4?>two</a>", [("one", "one"), ("two", "two")]),
        ("<a>β<![CDATA[x < y & &amp;]]>z</a>", [("β", "β"), ("x < y & &amp;",) * 2, ("z",) * 2]),
        ("<a>β<b i='ä'>γ</b>δ</a>", [("β", "β"), ("γ", "γ"), ("δ", "δ")]),
        ("<a>one\r\ntwo\rthree</a>", [("one\r\ntwo\rthree",) * 2]),
        ("<a>𝛽 and <i/>日本</a>", [("𝛽 and ", "𝛽 and "), ("日本", "日本")]),
    ],
)
def test_each_run_of_text_knows_its_characters(
    source: str, expected: list[tuple[str, str]]
) -> None:
    record = only(source)
    assert runs(record) == expected
    assert record.raw == source


def test_elements_know_their_start_tags() -> None:
    record = only("<a>β<b i='ä>'>γ</b><c/></a>")
    inner = record.root.children[1], record.root.children[2]
    assert [record.raw[n.start : n.end] for n in inner] == ["<b i='ä>'>", "<c/>"]


def test_names_of_the_document_type_that_is_never_opened_are_known_all_the_same() -> None:
    source = '<!DOCTYPE a PUBLIC "-//x" "no-such.dtd"><a>&alpha;&ge;5&nosuch;</a>'
    assert runs(only(source)) == [
        ("α", "&alpha;"),
        ("≥", "&ge;"),
        ("5", "5"),
        ("&nosuch;", "&nosuch;"),
    ]
    assert runs(only("<a>&alpha;</a>")) == [("α", "&alpha;")]


def test_an_entity_of_the_files_own_may_stand_for_plain_text() -> None:
    source = '<!DOCTYPE a [<!ENTITY drug "sorafenib">]><a t="&drug;">&drug; &amp; more</a>'
    record = only(source)
    assert runs(record)[0] == ("sorafenib", "&drug;")
    assert record.root.attributes == {"t": "sorafenib"}


def test_prefixes_of_namespaces_are_passed_over() -> None:
    record = only('<j:a xmlns:j="u" xmlns:x="v" x:href="w"><m:math xmlns:m="m">n</m:math></j:a>')
    assert record.root.tag == "a"
    assert record.root.attributes["href"] == "w"
    assert record.root.find("math") is not None


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1"]
)
def test_encodings_are_told_by_mark_and_declaration(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    source = f'<?xml version="1.0" encoding="{name}"?>\n<a>Sjögren’s</a>'
    if encoding == "iso-8859-1":
        source = source.replace("’", "'")
    [record] = records(source.encode(encoding), A)
    assert source[record.first :] == record.raw
    assert runs(record)[0][0].startswith("Sjögren")


def test_records_come_one_by_one_with_their_place_in_the_file() -> None:
    source = "<set>β <a>eins</a>\n<!-- <a>no</a> --><x><a>zwei <a>in ihr</a></a></x> ü</set>"
    found = list(records(source.encode(), A))
    assert [r.raw for r in found] == ["<a>eins</a>", "<a>zwei <a>in ihr</a></a>"]
    assert all(source[r.first :].startswith(r.raw) for r in found)
    assert [r.data for r in found] == [r.raw.encode() for r in found]
    assert {r.outer for r in found} == {"set"}


def test_places_hold_over_the_borders_of_what_is_parsed_at_once() -> None:
    filler = "ä" * 700_000
    source = f"<set><a>{filler}β</a><a>{filler}&gt;</a></set>"
    for record in records(source.encode(), A):
        assert source[record.first :].startswith(record.raw)
        assert "".join(text for text, _ in runs(record)).startswith(filler)


def test_what_is_skipped_is_checked_but_not_kept() -> None:
    data = b"<a>one<skip><b>two</b>&gt;</skip>three</a>"
    [record] = records(data, A, frozenset({"skip"}))
    assert runs(record) == [("one", "one"), ("three", "three")]
    with pytest.raises(Unreadable):
        list(records(b"<a><skip><b></skip></a>", A, frozenset({"skip"})))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"<a>\n<b>text", "breaks off at line 2"),
        (b"<a>\n<b attr='x", "breaks off at line 2"),
        (b"<a>caf\xc3", "breaks off at line 1"),
        (b"<a>\n\n<b></c></a>", "line 3 ends an element that is not open"),
        (b"<a>x\0y</a>", "line 1 holds a NUL byte"),
        (b"<a>\nx\x08y</a>", "line 2 holds a control character"),
        (b"<a>caf\xe9 au lait</a>", "line 1 is not in the encoding"),
        (b"<a>5 < 6</a>", "line 1 holds mark-up that is not XML"),
        (b"<a>x</a><a>y</a>", "line 1 is not well-formed"),
        (b'<?xml version="1.0" encoding="x-klingon"?><a>x</a>', "not known (x-klingon)"),
    ],
)
def test_broken_xml_is_refused_with_its_line_and_cause(source: bytes, reason: str) -> None:
    assert reason in refusal(source)


def test_records_in_front_of_the_break_are_given_first() -> None:
    found: Iterator[Record] = records(b"<set><a>one</a><a>two</a><a>thr", A)
    assert [next(found).raw, next(found).raw] == ["<a>one</a>", "<a>two</a>"]
    with pytest.raises(Unreadable, match="breaks off"):
        next(found)


def test_entities_that_multiply_are_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><a>&l9;</a>'
    assert "defines an entity (l1) of more than plain text" in refusal(bomb.encode())
    hidden = '<!DOCTYPE a [<!ENTITY % p "&#37;q;"><!ENTITY x "&#60;b/>">]><a>&x;</a>'
    assert "of more than plain text" in refusal(hidden.encode())


def test_one_long_entity_used_very_often_is_refused() -> None:
    source = f'<!DOCTYPE a [<!ENTITY x "{"x" * 900}">]><a>{"&x;" * 2000}</a>'
    assert "grow beyond all measure" in refusal(source.encode())
    long = f'<!DOCTYPE a [<!ENTITY x "{"x" * 9000}">]><a>&x;</a>'
    assert "of more than plain text" in refusal(long.encode())


def test_other_files_are_never_opened() -> None:
    passwd = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    assert "wants another file read in its place (file:///etc/passwd)" in refusal(passwd.encode())
    harmless = '<!DOCTYPE a [<!ENTITY x SYSTEM "fig1.gif" NDATA gif>]><a>text</a>'
    assert runs(only(harmless)) == [("text", "text")]
    parameter = '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://example.org/p"> %p;]><a>text</a>'
    assert runs(only(parameter)) == [("text", "text")]


def test_deep_nesting_is_refused() -> None:
    assert f"more than {MAX_DEPTH} elements deep" in refusal(b"<a>" * 100_000)
    depth = MAX_DEPTH - 1
    assert only(b"<a>" + b"<b>" * depth + b"x" + b"</b>" * depth + b"</a>").root.holds("b")


def test_ten_megabytes_on_one_line_are_read() -> None:
    record = only(b"<a>" + b"word " * 2_000_000 + b"</a>")
    assert len(runs(record)) == 1


@pytest.mark.parametrize(
    ("source", "root"),
    [
        (b"<article>", "article"),
        (b"\xef\xbb\xbf \n<article a='1'>", "article"),
        (b"<?xml version='1.0'?><?xml-stylesheet href='x'?><!-- <b> --><j:article\n>", "article"),
        (b"<!DOCTYPE a [<!ENTITY x '>]'><!-- ] > ' --><?p ]?><!ELEMENT a ANY>]><a/>", "a"),
        (b"<!DOCTYPE html><html>", "html"),
        (b"<!--" + b"-- a long comment " * 10_000 + b"--><article>", "article"),
        ("<?xml version='1.0'?><article>".encode("utf-16"), "article"),
        ("<?xml version='1.0'?><article>".encode("utf-16-be"), "article"),
        ("<!DOCTYPE article><article>".encode("utf-16-be"), "article"),
        (b"plain text, 3 <a> 4", None),
        (b"<", None),
        (b"", None),
    ],
)
def test_the_root_is_found_behind_whatever_stands_in_front(source: bytes, root: str) -> None:
    assert root_of(source) == root
