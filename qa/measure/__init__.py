"""Measurements of the web chat as a running process, each a command with its figures."""
