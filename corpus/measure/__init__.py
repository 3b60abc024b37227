"""Measurements of how well files are read, each a command with its figures."""
