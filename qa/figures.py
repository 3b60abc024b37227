"""The names of the figures, as people read them."""

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
