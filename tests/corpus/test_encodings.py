"""Encodings: the same words are read from a file however its characters are written down."""

from __future__ import annotations

import codecs
import unicodedata

import pytest

from corpus.load import LoadError, load_bytes
from corpus.readers.decode import decode

GREEK = "In Sjögren’s disease β-catenin rose by ≥ 5 µg (χ² = 4.2, 10⁻⁹ mol, 37 °C, α–ω)."
HEBREW = "המטופלים קיבלו 400 מ״ג פעמיים ביום."
ARABIC = "تلقى المرضى ٤٠٠ ملغ مرتين يوميا."
PERSIAN = "بیماران دارو را می\u200cخورند."
JAPANESE = "患者は１日２回400mgを投与された（ｎ＝２９９）。"
CHINESE = "患者每天服用两次。"
LATIN = "La dose était de 5 mg, déjà réduite à Liège."
TYPOGRAPHIC = "The “dose” – 5 mg – was the patients’ choice… then."

FORMS = {
    "a.txt": "{}\n",
    "a.md": "# Heading\n\n{}\n",
    "a.html": "<html><head><title>T</title></head><body><p>{}</p></body></html>",
}
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"]


def encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("words", [GREEK, HEBREW, ARABIC, PERSIAN, JAPANESE, LATIN, TYPOGRAPHIC])
@pytest.mark.parametrize("encoding", UNICODE)
def test_unicode_is_read_with_and_without_its_mark(name: str, words: str, encoding: str) -> None:
    document = load_bytes(encoded(FORMS[name].format(words), encoding), name)
    assert words in document.text


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("encoding", [*UNICODE, "cp1252", "latin-1"])
def test_source_spans_count_the_characters_of_the_decoded_file(name: str, encoding: str) -> None:
    source = FORMS[name].format(LATIN)
    document = load_bytes(encoded(source, encoding), name)
    start = document.text.index("déjà")
    ((first, last),) = document.source_spans(start, start + 4)
    assert source[first:last] == "déjà"


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("encoding", "words"), [("latin-1", LATIN), ("cp1252", TYPOGRAPHIC), ("cp1252", LATIN)]
)
def test_western_files_need_no_declaration(name: str, encoding: str, words: str) -> None:
    assert words in load_bytes(encoded(FORMS[name].format(words), encoding), name).text


@pytest.mark.parametrize(
    ("declared", "encoding", "words"),
    [
        ("shift_jis", "cp932", JAPANESE),
        ("x-sjis", "cp932", JAPANESE),
        ("EUC-JP", "euc_jp", JAPANESE),
        ("iso-2022-jp", "iso2022_jp", JAPANESE),
        ("gb2312", "gb18030", CHINESE),
        ("big5", "big5", "病人每天服藥兩次。"),
        ("euc-kr", "cp949", "환자는 하루 두 번 복용했다."),
        ("windows-1251", "cp1251", "Пациенты получали препарат дважды."),
        ("koi8-r", "koi8_r", "Пациенты получали препарат дважды."),
        ("windows-1255", "cp1255", "המטופלים קיבלו תרופה."),
        ("windows-1256", "cp1256", "تلقى المرضى"),
        ("iso-8859-7", "iso8859_7", "Οι ασθενείς έλαβαν 400 mg."),
        ("iso-8859-1", "cp1252", TYPOGRAPHIC),
        ("windows-1250", "cp1250", "Pacjenci byli leczeni żółcią."),
        ("utf-8", "utf-8", GREEK),
        ("utf-8", "cp1252", LATIN),
        ("no-such-thing", "cp1252", LATIN),
        ("unicode_escape", "cp1252", LATIN),
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        '<html><head><meta charset="{}"><title>T</title></head><body><p>{}</p></body></html>',
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset={}"></head>'
        "<body><p>{}</p></body></html>",
        '<?xml version="1.0" encoding="{}"?>\n<html><head></head><body><p>{}</p></body></html>',
    ],
    ids=["meta", "http-equiv", "xml"],
)
def test_the_declared_encoding_of_a_page_is_followed(
    form: str, declared: str, encoding: str, words: str
) -> None:
    document = load_bytes(form.format(declared, words).encode(encoding), "a.html")
    assert unicodedata.normalize("NFC", words) in document.text


@pytest.mark.parametrize("name", FORMS)
def test_decomposed_letters_are_composed(name: str) -> None:
    words = unicodedata.normalize("NFD", "Sjögren and Ångström saw プラセボ and 각.")
    document = load_bytes(FORMS[name].format(words).encode(), name)
    assert unicodedata.normalize("NFC", words) in document.text
    assert unicodedata.is_normalized("NFC", document.text)


def test_a_line_of_japanese_goes_on_without_a_space() -> None:
    for name in ("a.md", "a.html"):
        document = load_bytes(FORMS[name].format("患者は投\n与された。").encode(), name)
        assert "患者は投与された。" in document.text
    document = load_bytes(FORMS["a.html"].format("投与<br>患者 群").encode(), "a.html")
    assert "投与 患者 群" in document.text


def test_a_few_broken_bytes_do_not_spoil_a_utf8_file() -> None:
    words = f"{GREEK} {HEBREW}"
    data = words.encode() + b" \xff\xfe It ends."
    assert words in load_bytes(data, "a.txt").text
    cut = (JAPANESE * 9).encode()[:-1]
    assert JAPANESE * 8 in load_bytes(cut, "a.txt").text


def test_a_wide_file_that_was_cut_short_is_read_up_to_there() -> None:
    data = codecs.BOM_UTF16_LE + f"{GREEK} ".encode("utf-16-le") + b"\x41"
    assert load_bytes(data, "a.txt").text == GREEK


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 9, b"\0\1\2\3" * 99, b"\x7fELF" + b"\0\2\1\0" * 99, b"\0" * 99 + b"a"],
)
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(LoadError, match=r"not a text file|no text"):
        load_bytes(data, "a.txt")


def test_every_byte_of_a_western_file_has_a_character() -> None:
    assert len(decode(bytes(range(32, 256)))) == 224
