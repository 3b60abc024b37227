"""Where an index lies is told from what a person writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.base import IndexProblem
from index.location import beside, milvus_address, shown


@pytest.mark.parametrize(
    ("written", "uri", "name"),
    [
        ("milvus://db.example:19530/papers", "http://db.example:19530", "papers"),
        ("milvus://127.0.0.1:1/a_1", "http://127.0.0.1:1", "a_1"),
        ("milvus://[::1]:19530/papers", "http://[::1]:19530", "papers"),
    ],
)
def test_a_server_is_named_by_host_port_and_name(written: str, uri: str, name: str) -> None:
    # A command line gives a path, and a path has no two slashes.
    for location in (written, Path(written)):
        address = milvus_address(location)
        assert address is not None
        assert (address.uri, address.name, address.file) == (uri, name, None)
        assert shown(location) == written


@pytest.mark.parametrize("written", ["milvus:/data/x.db", "milvus:///data/x.db"])
def test_a_file_of_milvus_lite_is_named_by_its_path(written: str) -> None:
    for location in (written, Path(written)):
        address = milvus_address(location)
        assert address is not None
        assert address.file == Path("/data/x.db")
        assert beside(location) == Path("/data/.x.db.pincite")


def test_a_relative_file_is_one_of_the_working_directory() -> None:
    address = milvus_address("milvus:x.db")
    assert address is not None
    assert address.file == Path.cwd() / "x.db"


@pytest.mark.parametrize("written", [".pincite", "/data/milvus/x.db", "milvus", "x.db"])
def test_anything_else_is_a_folder(written: str) -> None:
    assert milvus_address(written) is None
    assert beside(written) == Path(written)


@pytest.mark.parametrize(
    "written",
    [
        "milvus:",
        "milvus://",
        "milvus://host/papers",
        "milvus://host:70000/papers",
        "milvus://host:19530/",
        "milvus://host:19530/a-b",
        "milvus://host:19530/a/b",
        "milvus://user:word@host:19530/papers",
        "milvus:/data/x",
        "milvus:.db",
    ],
)
def test_what_begins_like_an_address_and_is_none_is_refused(written: str) -> None:
    with pytest.raises(IndexProblem, match="is no address of an index: write milvus://HOST"):
        milvus_address(written)


def test_what_lies_beside_two_indexes_of_a_server_is_kept_apart() -> None:
    folders = {beside(f"milvus://h:{port}/{name}") for port in (1, 2) for name in ("a", "b")}
    assert len(folders) == 4
    assert all(folder.is_relative_to(".pincite") for folder in folders)
