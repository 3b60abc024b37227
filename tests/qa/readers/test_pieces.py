"""What the trained reader sees: pieces, segments, matches and sentences."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer

from corpus.document import BlockKind, DocumentInfo, Passage, Span
from index.embed import packaged_folder
from qa.readers.pieces import (
    HEADING_PIECES,
    PASSAGE_PIECES,
    QUESTION_PIECES,
    Encoded,
    Pieces,
    collate,
    heading_of,
)

TEXT = "Mice lived for 12 weeks. They ate well."
SENTENCES = [(0, 24), (25, 39)]


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return Pieces(Tokenizer.from_file(str(packaged_folder() / "tokenizer.json")))


def words_of(one: Encoded, sentence: int) -> set[str]:
    """The distinct texts that a sentence's pieces cover."""
    return {TEXT[start:end] for start, end in one.offsets[one.sentence == sentence]}


def test_every_piece_of_a_sentence_knows_its_sentence_and_its_characters(pieces: Pieces) -> None:
    one = pieces.encode("How long did mice live?", "Survival", TEXT, SENTENCES)
    assert words_of(one, 0) == {"Mice", "lived", "for", "12", "weeks", "."}
    assert words_of(one, 1) == {"They", "ate", "well", "."}


def test_question_and_heading_belong_to_no_sentence(pieces: Pieces) -> None:
    one = pieces.encode("How long did mice live?", "Survival of mice", TEXT, SENTENCES)
    before = int(np.flatnonzero(one.sentence >= 0)[0])
    assert (one.sentence[:before] == -1).all()
    assert one.segments[0] == 0
    assert one.segments[before] == 1


def test_a_telling_word_on_both_sides_is_marked_on_both(pieces: Pieces) -> None:
    one = pieces.encode("How long did the mice live?", "", TEXT, SENTENCES)
    marked = np.flatnonzero(one.matches)
    assert len(set(one.ids[marked])) == 1
    assert {0, 1} == set(one.segments[marked].tolist())


def test_common_words_and_punctuation_are_not_marked(pieces: Pieces) -> None:
    one = pieces.encode("What is it for?", "", "It is for this. Is it?", [(0, 15), (16, 22)])
    assert not one.matches.any()


def test_what_is_too_long_is_cut_and_the_rest_stays_addressed(pieces: Pieces) -> None:
    long = "word " * 1000
    one = pieces.encode("why " * 200, "head " * 200, long, [(0, 500), (500, 5000)])
    assert (
        len(one) <= QUESTION_PIECES + max(HEADING_PIECES, PASSAGE_PIECES // 2) + PASSAGE_PIECES + 4
    )
    assert set(one.sentence.tolist()) == {-1, 0, 1}


def test_an_empty_passage_has_no_sentence(pieces: Pieces) -> None:
    one = pieces.encode("Why?", "", "", [])
    assert (one.sentence == -1).all()


def test_a_batch_numbers_sentences_through_and_masks_padding(pieces: Pieces) -> None:
    short = pieces.encode("Why?", "", TEXT, SENTENCES)
    long = pieces.encode("Why?", "A longer heading", TEXT, SENTENCES)
    batch = collate([short, long], [2, 2], multiple=16)
    assert batch.ids.shape[1] % 16 == 0
    assert batch.mask.sum(axis=1).tolist() == [len(short), len(long)]
    assert batch.passage_of.tolist() == [0, 0, 1, 1]
    assert set(batch.sentence[1].tolist()) == {-1, 2, 3}


def test_a_passage_stands_under_title_and_nearest_section() -> None:
    info = DocumentInfo("id", "a.md", "Mice and men")
    passage = Passage("id", 0, 3, "Abc", section="Results › Survival", sentences=(Span(0, 3),))
    assert heading_of(info, passage) == "Mice and men | Survival"


def test_a_table_row_stands_under_its_columns_and_caption() -> None:
    info = DocumentInfo("id", "a.md", "Mice")
    row = Passage(
        "id", 9, 12, "a | 1", BlockKind.TABLE_ROW, "Doses", (Span(9, 12),),
        header=Span(0, 5), header_text="Drug | Dose", context="Table 1",
    )  # fmt: skip
    assert heading_of(info, row) == "Drug | Dose | Table 1 | Doses | Mice"
