"""The figures of an evaluation: their exact names, and what they say in plain words."""

from __future__ import annotations

NAMES = {
    "recall@1": "Passage recall@1",
    "recall@5": "Passage recall@5",
    "recall@10": "Passage recall@10",
    "mrr": "Passage MRR",
    "ndcg@10": "Passage nDCG@10",
    "sentence_hit@1": "Evidence sentence hit@1",
    "sentence_hit@3": "Evidence sentence hit@3",
    "short_answer_contained": "Short answer contained",
    "short_answer_f1": "Marked short answer: token F1",
    "short_answer_em": "Marked short answer: exact match",
    "quote_words": "Words a quote (mean)",
    "false_answers": "False answers (of the unanswerable)",
    "false_refusals": "False refusals (of the answerable)",
    "wrong_answers": "Wrong answers (of those given)",
    "auroc": "AUROC of confidence",
    "aurc": "Area under the risk-coverage curve",
    "calibration_error": "Expected calibration error",
}

IN_WORDS = {
    "recall@1": "The first passage holds the evidence",
    "recall@5": "One of the first five passages holds it",
    "recall@10": "One of the first ten passages holds it",
    "mrr": "How far up the first such passage stands (1: always first)",
    "ndcg@10": "How well all such passages are ranked among ten (1: perfectly)",
    "sentence_hit@1": "The first quote is a right sentence",
    "sentence_hit@3": "One of the first three quotes is a right sentence",
    "short_answer_contained": "The quotes hold the expected words",
    "short_answer_f1": "How much of the emphasised words is as expected (1: all)",
    "short_answer_em": "The emphasised words are exactly the expected ones",
    "quote_words": "Words in a quote, on average",
    "false_answers": "Answered, though there is no answer in the collection",
    "false_refusals": "Declined, though the answer is there",
    "wrong_answers": "Wrong, of the answers that were given",
    "auroc": "How well sureness tells what can be answered (1: perfectly, 0.5: not at all)",
    "aurc": "Wrong answers among the surest ones, on average (0: none)",
    "calibration_error": "How far sureness is from the share that is right (0: not at all)",
}
"""Each figure as a clinician would say it."""

SHARES = frozenset(
    {
        *("recall@1", "recall@5", "recall@10", "sentence_hit@1", "sentence_hit@3"),
        *("short_answer_contained", "short_answer_em"),
        *("false_answers", "false_refusals", "wrong_answers"),
    }
)
"""The figures that are shares of questions or answers, and can be written in percent."""
