"""Journal, volume, pages and licence, as the pages of a PDF state them."""

from __future__ import annotations

import pytest

from corpus.readers.pdf_citation import Citation, find_citation, find_licence


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "Roe et al. Journal of Examples & Outcomes 2010, 4:1",
            Citation("Journal of Examples & Outcomes", 2010, "4", None, "1"),
        ),
        (
            "Univ. J. Exam. Sci. 8(1): 7-10, 2009 (June)",
            Citation("Univ. J. Exam. Sci", 2009, "8", "1", "7-10"),
        ),
        (
            "Example Journal. 2014 Mar 3;12(3):101–9. doi: 10.1234/exa.2014.5",
            Citation("Example Journal", 2014, "12", "3", "101-9"),
        ),
        (
            "Example Journal, Vol. 12, No. 3, pp. 101–109, 2014",
            Citation("Example Journal", 2014, "12", "3", "101-109"),
        ),
        ("Example Journal (2014) 12:e101", Citation("Example Journal", 2014, "12", None, "e101")),
        (
            "Cite this article as: Roe et al.: A long title of it. Journal of Examples 2010 4:1.",
            Citation(),
        ),
        ("The patients who came in 2010, 4:1 randomised, were followed.", Citation()),
        ("Received 9 November 2010; accepted 25 December 2010", Citation()),
        ("Page 9 of 11", Citation()),
    ],
)
def test_a_reference_to_itself_is_read_where_it_is_whole(line: str, wanted: Citation) -> None:
    assert find_citation([], ["A title of the example", line]) == wanted


def test_the_running_head_is_the_journal_where_the_paper_has_only_a_number() -> None:
    lines = ["Example Publishing Corporation", "Volume 2010, Article ID 157939, 6 pages"]
    found = find_citation(["Example Research and Practice"], lines)
    assert found == Citation("Example Research and Practice", 2010, "2010", None, "157939")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("under the licence (http://creativecommons.org/licenses/by/2.0), which", "CC BY 2.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/", "CC BY-NC-ND 4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("distributed under the Creative Commons Attribution License, which", "CC BY"),
        ("Creative Commons Attribution-NonCommercial 3.0 Unported", "CC BY-NC 3.0"),
        ("This is an open access article (CC BY-NC 4.0).", "CC BY-NC 4.0"),
        ("All rights reserved.", None),
    ],
)
def test_a_licence_has_its_short_name(text: str, wanted: str | None) -> None:
    assert find_licence(text) == wanted
