"""How sure is sure enough: thresholds that keep an accepted risk, on a person's own questions."""
