"""Weights are mixed name by name."""

from __future__ import annotations

import pytest
import torch

from qa.training.average_weights import averaged

BEFORE = {"layer": torch.tensor([0.0, 2.0]), "old": torch.tensor([1.0])}
AFTER = {"layer": torch.tensor([4.0, 2.0]), "new": torch.tensor([3.0])}


def test_a_share_of_the_second_is_mixed_into_the_first() -> None:
    assert averaged(BEFORE, AFTER, 0.25)["layer"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("share", "end"), [(0.0, BEFORE), (1.0, AFTER)])
def test_at_the_ends_nothing_is_mixed(share: float, end: dict[str, torch.Tensor]) -> None:
    assert torch.equal(averaged(BEFORE, AFTER, share)["layer"], end["layer"])


def test_what_only_one_of_them_holds_is_kept() -> None:
    mixed = averaged(BEFORE, AFTER, 0.5)
    assert mixed["old"].tolist() == [1.0]
    assert mixed["new"].tolist() == [3.0]


def test_weights_of_different_networks_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="different networks"):
        averaged(BEFORE, {"layer": torch.zeros(3)}, 0.5)
