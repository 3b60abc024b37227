"""Fit what stands around the network: the weights of the evidence, the confidence, the thresholds.

    python -m qa.training.calibrate_reader BENCH NETWORK --bioasq-index DIR --groups GROUPS

NETWORK is the folder that ``qa.training.export_reader`` wrote. Everything here is fitted on papers,
articles and questions that the network was not trained on (see ``groups.is_set_aside``), and what
is reported comes from five-fold cross-validation over them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from corpus.document import Span
from index.embed import load_embedder
from index.weights import sha256_of
from qa.metrics import calibration_error
from qa.readers.evidence import FEATURES, Evidence, confidence_features, gather
from qa.readers.network import Files, Network
from qa.readers.overlap_features import Matrix
from qa.readers.trained import ReaderModel, network_files
from qa.risk.conformal import threshold_at, thresholds
from qa.training.askings import (
    Asking,
    bioasq_askings,
    covid_askings,
    evidence_askings,
    plain_askings,
    squad_askings,
)
from qa.training.build_groups import plain_texts
from qa.training.fitting import (
    Choice,
    Ranked,
    answered_right,
    best_rank_weight,
    conditional_logit,
    cross_validated_confidence,
    cross_validated_scores,
    recall,
    sentence_line,
)
from qa.training.overlap_examples import Flags

log = logging.getLogger(__name__)
PRIOR = {"network: sentence": 1.0, "question's numbers in the sentence": 1.0}
"""Weights that the ridge pulls to, where not 0: the network's word counts unless the data say
otherwise, and a figure that is asked about should be in the sentence, though few questions here
name one."""
RIDGE = 1.0
DEFAULT_RISK = 0.33


@dataclass(frozen=True, slots=True)
class Example:
    """An asking as the reader sees it.

    Attributes:
        asking: the question and its gold.
        found: the evidence of its candidates' sentences.
        gold: of shape (sentences,).
        gold_passages: of shape (passages,).
    """

    asking: Asking
    found: Evidence
    gold: Flags
    gold_passages: Flags


def examples(askings: Sequence[Asking], network: Network) -> Iterator[Example]:
    """Have the network score every asking's candidates."""
    for asking in askings:
        hits = asking.hits
        scores = network.score(asking.question, hits)
        found = gather(asking.question, hits, scores)
        gold = [asking.holds(hits[at.hit].passage.document_id, at.span) for at in found.sentences]
        passages = [
            asking.holds(h.passage.document_id, Span(h.passage.start, h.passage.end)) for h in hits
        ]
        yield Example(asking, found, np.array(gold, dtype=bool), np.array(passages, dtype=bool))


def fit(found: Sequence[Example], name: str, files: Files, fitted_on: str) -> ReaderModel:
    """Fit all numbers of the reader."""
    choices: list[Choice] = [(e.found.values, e.gold) for e in found]
    usable = [bool(e.gold.any()) for e in found]
    names = sorted({e.asking.group for e in found})
    groups = [names.index(e.asking.group) for e in found]
    prior = np.array([PRIOR.get(feature, 0.0) for feature in FEATURES])
    scores = cross_validated_scores(choices, usable, groups, prior, RIDGE)
    weights = conditional_logit(
        [c for c, ok in zip(choices, usable, strict=True) if ok], prior, RIDGE
    )
    features = np.stack(
        [confidence_features(e.found, s) for e, s in zip(found, scores, strict=True)]
    )
    right = np.array(
        [answered_right(e.gold, s) if len(s) else False for e, s in zip(found, scores, strict=True)]
    )
    confidence = cross_validated_confidence(features, right, groups)
    final = LogisticRegression(C=1.0, max_iter=2000).fit(features, right)
    slope, intercept = sentence_line(choices, scores)
    rank_weight = best_rank_weight(_ranked(found, scores))
    table = thresholds(confidence.tolist(), right.tolist())
    _report(found, scores, confidence, right, rank_weight, table)
    for feature, weight in zip(FEATURES, weights, strict=True):
        log.debug("%6.2f %s", weight, feature)
    return ReaderModel(
        name=name,
        fitted_on=fitted_on,
        files=(
            (files.encoder.name, files.encoder_sha256),
            (files.heads.name, files.heads_sha256),
        ),
        weights=tuple(round(float(w), 5) for w in weights),
        relevance_rank_weight=rank_weight,
        sentence=(round(slope, 5), round(intercept, 5)),
        confidence=tuple(round(float(w), 5) for w in [*final.coef_[0], final.intercept_[0]]),
        thresholds=table,
        default_risk=DEFAULT_RISK,
    )


def _ranked(found: Sequence[Example], scores: Sequence[Matrix]) -> list[Ranked]:
    """What passages are ranked by, of the askings that have an answer."""
    return [
        (e.found.sentences, s, e.gold_passages)
        for e, s in zip(found, scores, strict=True)
        if e.asking.answerable
    ]


def _report(
    found: Sequence[Example],
    scores: Sequence[Matrix],
    confidence: Matrix,
    right: Flags,
    rank_weight: float,
    table: Sequence[tuple[float, float]],
) -> None:
    origins = np.array([e.asking.origin for e in found])
    answerable = np.array([e.asking.answerable for e in found])
    for origin in ["all", *sorted(set(origins))]:
        mine = np.ones(len(found), bool) if origin == "all" else origins == origin
        pairs = [
            (e, s) for e, s, m in zip(found, scores, mine, strict=True) if m and e.asking.answerable
        ]
        hit = {
            k: np.mean([e.gold[np.argsort(-s, kind="stable")[:k]].any() for e, s in pairs])
            for k in (1, 3)
        }
        network = {
            k: np.mean(
                [
                    e.gold[np.argsort(-e.found.values[:, 0], kind="stable")[:k]].any()
                    for e, _ in pairs
                ]
            )
            for k in (1, 3)
        }
        log.info(
            "%s: %d answerable of %d; hit@1 %.3f hit@3 %.3f (network alone %.3f %.3f); recall@5 "
            "%.3f (retrieval %.3f); AUROC right %.3f, answerable %.3f; calibration error %.3f",
            origin,
            len(pairs),
            int(mine.sum()),
            hit[1],
            hit[3],
            network[1],
            network[3],
            recall(_ranked([e for e, _ in pairs], [s for _, s in pairs]), rank_weight, 5),
            np.mean([e.gold_passages[:5].any() for e, _ in pairs]),
            roc_auc_score(right[mine], confidence[mine]),
            roc_auc_score(answerable[mine], confidence[mine]),
            calibration_error(confidence[mine].tolist(), right[mine].tolist()),
        )
    for risk in (0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05):
        least = threshold_at(table, risk)
        if least is None:
            log.info("risk %.2f: cannot be promised", risk)
            continue
        answered = confidence >= least
        log.info(
            "risk %.2f: from confidence %.3f; answered %.3f of the answerable, %.3f of the others; "
            "wrong %.3f",
            risk,
            least,
            answered[answerable].mean(),
            answered[~answerable].mean(),
            1 - right[answered].mean(),
        )


def all_askings(bench: Path, bioasq_index: Path, groups: Path) -> list[Asking]:
    """The askings of all five collections."""
    embedder = load_embedder(index=bioasq_index)
    squad = ("dev-v1.1.json", "dev-v2.0.json", "train-v2.0-slice.json")
    out: list[Asking] = []
    for made in (
        covid_askings(bench / "covidqa" / "train.json", embedder),
        squad_askings([bench / "squad" / file for file in squad], embedder),
        evidence_askings(bench / "evidence_inference", embedder),
        bioasq_askings(bench / "bioasq", bioasq_index, embedder),
        plain_askings(groups, plain_texts(bench / "bioasq"), embedder),
    ):
        out += made
        log.info("%d askings", len(out))
    return out


def files_of(folder: Path, name: str) -> Files:
    """The files of an exported network, with the sha256 they have now."""
    encoder, heads = folder / f"{name}.onnx", folder / f"{name}.safetensors"
    return Files(encoder, sha256_of(encoder), heads, sha256_of(heads))


def main(
    bench: Annotated[Path, typer.Argument(help="Folder of the data sets.")],
    network: Annotated[Path, typer.Argument(help="Folder of the exported network.")],
    bioasq_index: Annotated[Path, typer.Option(help="Index of BioASQ's abstracts.")],
    groups: Annotated[Path, typer.Option(help="Folder of the groups.")],
    name: Annotated[str, typer.Option(help="Name of the reader and its files.")] = "reader-1",
) -> None:
    """Fit and write NAME.json beside the network's files."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    log.setLevel(logging.DEBUG)
    files = files_of(network, name)
    found = list(examples(all_askings(bench, bioasq_index, groups), Network(files)))
    fitted_on = "set-aside parts of COVID-QA, SQuAD, Evidence Inference, BioASQ and plain texts"
    model = fit(found, name, files, fitted_on)
    if network_files(model, network) != files:
        raise ValueError("the model would name other files")
    (network / f"{name}.json").write_text(model.model_dump_json(indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    typer.run(main)
