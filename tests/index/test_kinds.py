"""Which kind of the packaged model's vectors is made, and that an index keeps to its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import kinds, open_index
from index.base import IndexProblem
from index.embed import PACKAGED, SentenceTransformerEmbedder, load_embedder
from index.kinds import fastest_kind, made_with, packaged_kind
from index.packaged import PackagedEmbedder
from index.schema import STORE_NAME

INT8 = f"{PACKAGED} int8"


@pytest.mark.parametrize(("multiplies", "kind"), [(True, INT8), (False, PACKAGED)])
def test_eight_bits_are_for_processors_that_multiply_bytes(
    monkeypatch: pytest.MonkeyPatch, multiplies: bool, kind: str
) -> None:
    monkeypatch.setattr(kinds, "multiplies_bytes", lambda: multiplies)
    assert fastest_kind() == kind


@pytest.mark.parametrize("kind", [PACKAGED, INT8])
def test_an_index_keeps_its_kind_wherever_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    open_index(tmp_path / "index", load_embedder(kind)).close()
    for best in (PACKAGED, INT8):
        monkeypatch.setattr(kinds, "fastest_kind", lambda best=best: best)
        assert packaged_kind() == best
        assert load_embedder(index=tmp_path / "new").name == best
        embedder = load_embedder(index=tmp_path / "index")
        assert embedder.name == kind
        with open_index(tmp_path / "index", embedder) as index:
            assert index.stats().embedder == kind


def test_an_index_of_another_kind_than_the_one_named_is_not_opened(tmp_path: Path) -> None:
    open_index(tmp_path, load_embedder(INT8)).close()
    with pytest.raises(IndexProblem, match=f"made with the embedder {INT8}.*Choose {INT8}"):
        open_index(tmp_path, load_embedder(PACKAGED, tmp_path))


def test_what_is_no_index_has_no_kind(tmp_path: Path) -> None:
    assert made_with(tmp_path) is None
    (tmp_path / STORE_NAME).write_bytes(b"no store at all" * 100)
    assert made_with(tmp_path) is None


def test_a_device_is_for_single_precision_and_must_be_there(tmp_path: Path) -> None:
    # ``meta`` is a device that every torch has: it takes shapes and computes nothing.
    on_it = load_embedder(device="meta")
    assert isinstance(on_it, SentenceTransformerEmbedder)
    assert on_it.name == PACKAGED
    open_index(tmp_path, load_embedder(INT8)).close()
    kept = load_embedder(index=tmp_path, device="meta")
    assert (type(kept), kept.name) == (PackagedEmbedder, INT8)
    with pytest.raises(IndexProblem, match="cannot run on quantum"):
        load_embedder(device="quantum")
