"""One runner a program. Each runs in that program's own environment and knows only the protocol."""
