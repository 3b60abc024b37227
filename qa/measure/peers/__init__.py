"""Pincite beside other programs that find and quote: same files, same embedder, one run.

``protocol`` is what a runner speaks, ``runners`` holds one for each program, ``bench`` runs them in
turn, ``judging`` sets what they find beside the gold, ``page`` writes ``docs/bench.md``.
"""
