"""Tests read as a description of what Pincite does."""
