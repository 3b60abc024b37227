"""Tests of the acronyms that a text introduces."""

from __future__ import annotations

import pytest

from corpus.acronyms import acronyms, is_short_form


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        (
            "patients with hepatocellular carcinoma (HCC) received",
            "HCC",
            "hepatocellular carcinoma",
        ),
        ("in HCC (hepatocellular carcinoma) the dose", "HCC", "hepatocellular carcinoma"),
        ("two hepatocellular carcinomas (HCCs) were", "HCC", "hepatocellular carcinomas"),
        ("monoclonal antibodies (mAbs) bind", "mAb", "monoclonal antibodies"),
        ("the tumour necrosis factor-α (TNF-α) level", "TNF-α", "tumour necrosis factor-α"),
        ("blocks programmed death-ligand 1 (PD-L1).", "PD-L1", "programmed death-ligand 1"),
        ("anti-programmed death 1 (PD-1) therapy", "PD-1", "programmed death 1"),
        ("progression-free survival (PFS; n = 12)", "PFS", "progression-free survival"),
        ("progression-free survival (PFS, median 4 months)", "PFS", "progression-free survival"),
        ("personal protective equipment (PPE)", "PPE", "personal protective equipment"),
        ("transarterial chemoembolisation (“TACE”)", "TACE", "transarterial chemoembolisation"),
    ],
)
def test_an_acronym_is_found_beside_its_long_form(text: str, short: str, long: str) -> None:
    assert acronyms(text) == ((short, long),)


@pytest.mark.parametrize(
    "text",
    [
        "as was shown before (Smith et al. 2019)",
        "as HCC grew (Hansen and Carlsen, City 2019)",
        "none of the children (n = 5)",
        "the curves differ (Figure 1)",
        "the curves differ (Fig. 1A)",
        "there was a difference (P < 0.05)",
        "a primer pair (Invitrogen, Carlsbad, CA)",
        "in stage four (IV) disease",
        "four parts per million (ppm)",
        "the drug (HCC) helped",
        "It was of the (OT) kind",
        "First hepatocellular tumours.\nCarcinoma (HCC) was",
    ],
)
def test_what_only_looks_like_an_acronym_is_none(text: str) -> None:
    assert acronyms(text) == ()


def test_two_letters_stand_for_at_most_four_words() -> None:
    assert acronyms("carcinoma of the hepar (CH)") == (("CH", "carcinoma of the hepar"),)
    assert acronyms("carcinoma in parts of the hepar (CH)") == ()


def test_each_meaning_of_a_text_is_given_once_as_first_spelled() -> None:
    text = (
        "Heart rate (HR) rose.\nThe hazard ratio (HR) was 2.\nThe Hazard Ratio (HR) was 3.\n"
        "heart rate (HR)"
    )
    assert acronyms(text) == (("HR", "Heart rate"), ("HR", "hazard ratio"))


@pytest.mark.parametrize("word", ["HCC", "WHO", "mRNA", "PD-L1", "5-FU", "COVID-19", "T3", "siRNA"])
def test_an_acronym_has_capitals_where_words_have_none(word: str) -> None:
    assert is_short_form(word)


@pytest.mark.parametrize(
    "word", ["who", "Who", "aids", "III", "A", "", "5", "12-14", "HEPATOCELLULAR"]
)
def test_a_plain_word_or_number_is_no_acronym(word: str) -> None:
    assert not is_short_form(word)
