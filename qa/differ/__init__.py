"""Where sources differ: pairs of quotes with other figures, or with the opposite finding.

``words`` what two quotes must share; ``figures`` and ``direction`` what each says; ``rules`` when
a pair differs; ``find`` the pairs of an answer; ``say`` a difference in words.
"""
