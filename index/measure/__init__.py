"""Measurements of the way into the index, each a command with its figures."""
