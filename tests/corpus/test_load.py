"""Loading: what a file is read as, and one clear sentence for each that cannot be read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from corpus.load import LoadError, load

SENTENCE = "Mice were weighed twice a day for twelve weeks."


def test_the_id_is_the_start_of_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "mice.txt"
    path.write_text(SENTENCE)
    assert load(path).id == hashlib.sha256(SENTENCE.encode()).hexdigest()[:16]


def test_the_source_is_the_path_as_given(tmp_path: Path) -> None:
    path = tmp_path / "mice.txt"
    path.write_text(SENTENCE)
    assert load(path).info.source == str(path)
    assert load(path, "papers/mice.txt").info.source == "papers/mice.txt"


def test_a_file_without_a_title_is_called_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mice of 2008.txt"
    path.write_text(SENTENCE)
    assert load(path).info.title == "mice of 2008"


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "β-catenin ≥ 5 µg in Sjögren's"),
        ("utf-8-sig", "β-catenin ≥ 5 µg in Sjögren's"),
        ("utf-16", "β-catenin ≥ 5 µg in Sjögren's"),
        ("cp1252", "5 µg – in Sjögren’s"),
    ],
)
def test_encodings_are_told_by_content(tmp_path: Path, encoding: str, words: str) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(f"{words} were found.".encode(encoding))
    assert load(path).text == f"{words} were found."


def test_html_is_recognised_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "saved.txt"
    path.write_text(f"<!DOCTYPE html><html><body><p>{SENTENCE}</p></body></html>")
    document = load(path)
    assert (document.info.format, document.text) == ("html", SENTENCE)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\n", "is empty"),
        ("word.docx", b"PK\x03\x04rest", "is a ZIP archive"),
        ("scan.png", b"\x89PNG\r\n", "is a picture"),
        ("paper.nxml", b'<!DOCTYPE article PUBLIC "x" "y"><article><p>A.</p>', "is a"),
        ("record.txt", b"<?xml version='1.0'?>\n<PubmedArticleSet><p>A.</p>", "is a"),
        ("letter.txt", b"{\\rtf1 A letter.}", "is an RTF file"),
        ("noise.txt", b"\0\1\2\3" * 99, "is not a text file"),
        ("broken.pdf", b"%PDF-1.7 and nothing more", "broken"),
        ("list.md", b"## References\n\n1. Roe J. Of mice.\n", "has no text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LoadError) as caught:
        load(path)
    assert caught.value.path == str(path)
    assert reason in caught.value.reason
    assert "\n" not in str(caught.value)


def test_an_xhtml_page_is_read_as_a_web_page(tmp_path: Path) -> None:
    path = tmp_path / "page.xhtml"
    head = '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x" "y">\n'
    path.write_text(f"{head}<html><body><p>{SENTENCE}</p></body></html>")
    assert load(path).info.format == "html"


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="does not exist"):
        load(tmp_path / "none.txt")
    with pytest.raises(LoadError, match="is a folder"):
        load(tmp_path)


def test_a_named_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(LoadError, match="is not a regular file"):
        load(tmp_path / "pipe.txt")


def test_equal_bytes_give_equal_documents(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(SENTENCE)
    one, two = load(tmp_path / "a.txt", "x"), load(tmp_path / "b.txt", "x")
    assert (one.info, one.text, one.blocks) == (two.info, two.text, two.blocks)
