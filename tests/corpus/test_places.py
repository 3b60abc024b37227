"""Where the words of a text layer stand: one box for each printed line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus.document import Box, Places, Span

Word = tuple[int, float, float, float, float]


def places(*words: Word) -> Places:
    """Words of three characters with a space behind each: page, x0, y0, x1, y1."""
    starts = 4 * np.arange(len(words), dtype=np.int32)
    table = np.array(words, dtype=np.float32).reshape(-1, 5)
    return Places(starts, starts + 3, table[:, 0].astype(np.int32), table[:, 1:])


def boxes(*words: Word, spans: Sequence[Span] | None = None) -> list[Box]:
    """The boxes of all the words, or of those in ``spans``."""
    return places(*words).boxes(spans or [Span(0, 4 * len(words))])


def test_the_words_of_a_line_are_one_box_as_high_as_the_highest() -> None:
    line = [(1, 10, 100, 30, 110), (1, 33, 98, 36, 104), (1, 40, 100, 80, 110)]
    assert boxes(*line) == [Box(1, 10, 98, 80, 110)]


def test_each_line_has_its_box_also_where_the_lines_stand_close() -> None:
    words = [(1, 10, 100, 90, 112), (1, 95, 100, 150, 112), (1, 10, 108, 90, 120)]
    assert boxes(*words) == [Box(1, 10, 100, 150, 112), Box(1, 10, 108, 90, 120)]


def test_a_raised_figure_at_the_start_of_a_line_does_not_join_the_line_above() -> None:
    above = [(1, 10, 100, 90, 112), (1, 95, 100, 150, 112)]
    raised, word = (1, 10, 106, 13, 112), (1, 14, 108, 60, 120)
    assert boxes(*above, raised, word) == [Box(1, 10, 100, 150, 112), Box(1, 10, 106, 60, 120)]


def test_words_that_run_from_right_to_left_are_one_box_a_line() -> None:
    words = [(1, x, y, x + 25, y + 12) for y in (100, 114) for x in (300, 270, 240)]
    assert boxes(*words) == [Box(1, 240, 100, 325, 112), Box(1, 240, 114, 325, 126)]


def test_words_that_run_up_or_down_the_page_are_one_box_a_line() -> None:
    up = [(1, x, y, x + 12, y + 40) for x in (100, 114) for y in (300, 255, 210)]
    assert boxes(*up) == [Box(1, 100, 210, 112, 340), Box(1, 114, 210, 126, 340)]
    down = [(1, x, y, x + 12, y + 40) for x in (114, 100) for y in (210, 255, 300)]
    assert boxes(*down) == [Box(1, 114, 210, 126, 340), Box(1, 100, 210, 112, 340)]


def test_a_line_goes_on_neither_in_the_next_column_below_nor_on_the_next_page() -> None:
    words = [(1, 50, 700, 90, 712), (1, 300, 80, 340, 92), (2, 343, 80, 360, 92)]
    assert boxes(*words) == [Box(*word) for word in words]


def test_spans_that_go_back_in_the_source_keep_their_boxes_and_their_order() -> None:
    words = [(1, 50, 100, 90, 112), (1, 50, 200, 90, 212), (2, 50, 80, 90, 92)]
    back = [Span(8, 11), Span(0, 3), Span(1, 2)]
    assert boxes(*words, spans=back) == [Box(*words[2]), Box(*words[0])]
    assert places(*words).pages(back) == [1, 2]
