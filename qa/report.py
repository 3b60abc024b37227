"""An evaluation to look at: a table, and a report that sets every miss beside its gold."""

from __future__ import annotations

import html
import json as jsons
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from qa import report_comparison
from qa.batch import OutputProblem
from qa.comparing import Comparison
from qa.evaluate import Evaluation
from qa.export import TextOf, escape, to_json_line
from qa.figures import NAMES
from qa.metrics import Measure
from qa.outcome import Outcome
from qa.plots import reliability_svg, risk_coverage_svg

CURVE, RELIABILITY = "Risk and coverage", "Reliability"
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark}table{border-collapse:collapse}td,th{padding:.2rem .8rem;"
    "border-bottom:1px solid #8888;text-align:left}blockquote{border-left:3px solid #8888;"
    "margin:.5rem 0;padding:0 1rem}"
)


def write(
    evaluation: Evaluation,
    name: str,
    text_of: TextOf,
    *,
    report: Path | None = None,
    json: Path | None = None,
    answers: Path | None = None,
    comparison: Comparison | None = None,
) -> None:
    """Write the files that were asked for.

    Args:
        evaluation: what to write.
        name: of the question set, for the title.
        text_of: the texts that quotes are held against before answers are written.
        report: a report to read, Markdown or HTML by its ending.
        json: the figures, with one line a question.
        answers: the answer records, as ``pincite batch`` writes them.
        comparison: with an earlier run, for the report and the figures.

    Raises:
        OutputProblem: a file cannot be written.
        qa.answer.NotVerbatim: a quote differs from its document.
    """
    files: dict[Path, str] = {}
    if report is not None:
        title = f"Evaluation on {name}"
        text = to_markdown(evaluation, title, comparison)
        is_html = report.suffix.lower() == ".html"
        files[report] = to_html(text, title, diagrams(evaluation)) if is_html else text
    if json is not None:
        files[json] = to_json(evaluation, comparison)
    if answers is not None:
        lines = (to_json_line(outcome.answer, text_of) for outcome in evaluation.outcomes)
        files[answers] = "".join(f"{line}\n" for line in lines)
    for path, text in files.items():
        try:
            path.write_bytes(text.encode())
        except OSError as error:
            raise OutputProblem(f"{path} cannot be written: {error.strerror}.") from error


def table(evaluation: Evaluation) -> Table:
    """The figures as a table for the terminal."""
    out = Table("Measure", title=None)
    for column in ("Value", "95 % interval", "Cases"):
        out.add_column(column, justify="right")
    for name, found in evaluation.measures().items():
        out.add_row(NAMES[name], _value(name, found), _interval(found), str(found.n))
    for name, seconds in evaluation.timing().items():
        out.add_row(f"Seconds a question ({name})", _number(seconds), "", "")
    return out


def to_json(evaluation: Evaluation, comparison: Comparison | None = None) -> str:
    """The figures as JSON, with a line for each question."""
    result = evaluation.result()
    if comparison is not None:
        result["against"] = asdict(comparison)
    parts = []
    for name, value in result.items():
        if name == "questions" and isinstance(value, list) and value:
            rows = ",\n".join(f"  {jsons.dumps(row, ensure_ascii=False)}" for row in value)
            body = f"[\n{rows}\n ]"
        else:
            body = jsons.dumps(value, ensure_ascii=False, indent=1).replace("\n", "\n ")
        parts.append(f" {jsons.dumps(name)}: {body}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def to_markdown(evaluation: Evaluation, title: str, comparison: Comparison | None = None) -> str:
    """The evaluation as a report: figures, comparison, curves, and every miss beside its gold."""
    answers = [outcome.answer for outcome in evaluation.outcomes]
    risk = "the default" if evaluation.risk is None else f"{evaluation.risk:g}"
    lines = [f"# {escape(title)}", "", f"{len(answers)} questions; accepted risk: {risk}."]
    if answers:
        about = {**answers[0].models, **answers[0].index}
        lines += ["", ", ".join(f"{escape(k)}: {escape(str(v))}" for k, v in about.items()) + "."]
    for sentence in evaluation.warnings:
        lines += ["", f"**Warning:** {escape(sentence)}"]
    lines += ["", "## Figures", "", "| Measure | Value | 95 % interval | Cases |"]
    lines += ["|---|---:|---:|---:|"]
    for name, found in evaluation.measures().items():
        lines.append(f"| {NAMES[name]} | {_value(name, found)} | {_interval(found)} | {found.n} |")
    for name, seconds in evaluation.timing().items():
        lines.append(f"| Seconds a question ({name}) | {_number(seconds)} | | |")
    lines += ["", *(report_comparison.section(comparison) if comparison else ())]
    lines += [*_by_tag(evaluation), *_curve(evaluation), *_reliability(evaluation)]
    misses = [(kind, o) for o in evaluation.outcomes if (kind := miss(o))]
    lines += [f"## Misses ({len(misses)})", ""]
    for kind, outcome in misses:
        lines += _miss_lines(kind, outcome)
    for heading, sentences in (
        ("Refused", evaluation.refused),
        ("Evidence that is not in the index", evaluation.unfounded),
    ):
        if sentences:
            lines += [f"## {heading}", "", *(f"- {escape(s)}" for s in sentences), ""]
    return "\n".join(lines)


def diagrams(evaluation: Evaluation) -> dict[str, str]:
    """The evaluation's diagrams as SVG, by the heading of the section that has their numbers."""
    out: dict[str, str] = {}
    if curve := evaluation.curve():
        out[CURVE] = risk_coverage_svg(curve)
        out[RELIABILITY] = reliability_svg(evaluation.reliability())
    return out


def to_html(markdown: str, title: str, diagrams: Mapping[str, str] | None = None) -> str:
    """A report as one page that loads nothing from elsewhere.

    Args:
        markdown: the report.
        title: of the page.
        diagrams: SVG by the heading that it is put under.
    """
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    for heading, svg in (diagrams or {}).items():
        body = body.replace(f"<h2>{heading}</h2>", f"<h2>{heading}</h2>\n<p>{svg}</p>", 1)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{body}</body></html>\n"
    )


def miss(outcome: Outcome) -> str | None:
    """What went wrong with a question, in a few words; None where nothing did."""
    if not outcome.question.answerable:
        return "answered, though the collection holds no answer" if outcome.answered else None
    if outcome.judged and not outcome.evidence_read:
        return "no passage with the evidence was read"
    if not outcome.answered:
        return "declined"
    if outcome.right is False:
        return "other words were quoted than the evidence"
    if outcome.contained is False:
        return "the quotes do not contain the short answer"
    return None


def _miss_lines(kind: str, outcome: Outcome) -> Iterator[str]:
    question, answer = outcome.question, outcome.answer
    yield f"### {escape(question.id)}: {kind}"
    yield ""
    yield f"Asked: {escape(question.question)}"
    if answer.understood_as != question.question:
        yield f"(understood as: {escape(answer.understood_as)})"
    yield ""
    rank = f", evidence in passage {outcome.passage_rank}" if outcome.passage_rank else ""
    yield f"Confidence {answer.confidence:.2f}{rank}."
    yield ""
    sources = {citation.n: citation.document.source for citation in answer.citations}
    for quote in answer.quotes:
        yield f"- Quoted: {escape(quote.text)} ({escape(sources[quote.citation])})"
    if question.answers:
        yield f"- Gold answers: {'; '.join(escape(words) for words in question.answers)}"
    for evidence in question.evidence:
        place = f", {evidence.start}–{evidence.end}" if evidence.start is not None else ""
        yield f"- Gold: {escape(evidence.quote or '-')} ({escape(evidence.source)}{place})"
    yield ""


def _by_tag(evaluation: Evaluation) -> list[str]:
    tags = evaluation.tags()
    if not tags:
        return []
    shown = ("recall@5", "sentence_hit@1", "sentence_hit@3", "false_answers", "false_refusals")
    lines = ["## By tag", "", f"| Tag | Questions | {' | '.join(NAMES[n] for n in shown)} |"]
    lines.append("|---|---:|" + "---:|" * len(shown))
    for tag in tags:
        found = evaluation.measures(tag)
        count = sum(tag in outcome.question.tags for outcome in evaluation.outcomes)
        cells = " | ".join(_value(name, found[name]) for name in shown)
        lines.append(f"| {escape(tag)} | {count} | {cells} |")
    return [*lines, ""]


def _curve(evaluation: Evaluation) -> list[str]:
    curve = evaluation.curve()
    if not curve:
        return []
    lines = [f"## {CURVE}", ""]
    if any(outcome.withheld for outcome in evaluation.outcomes):
        lines += [
            "Questions were declined: the curve ends there, and there is no area under it. Run "
            "with `--risk 1` for all of it.",
            "",
        ]
    lines += ["| Confidence from | Share answered | Wrong among these |", "|---:|---:|---:|"]
    lines += (f"| {p.threshold:.3f} | {p.coverage:.3f} | {p.risk:.3f} |" for p in curve)
    return [*lines, ""]


def _reliability(evaluation: Evaluation) -> list[str]:
    bins = evaluation.reliability()
    if not bins:
        return []
    lines = [f"## {RELIABILITY}", "", "| Confidence | Answers | Mean confidence | Right |"]
    lines.append("|---|---:|---:|---:|")
    for one in bins:
        means = f"{one.confidence:.3f} | {one.right:.3f}"
        lines.append(f"| {one.low:g}–{one.high:g} | {one.n} | {means} |")
    return [*lines, ""]


def _value(name: str, found: Measure) -> str:
    if found.value is None:
        return "–"
    return f"{found.value:.1f}" if name == "quote_words" else f"{found.value:.3f}"


def _interval(found: Measure) -> str:
    if found.low is None or found.high is None:
        return ""
    return f"{found.low:.3f}–{found.high:.3f}"


def _number(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.2f}"
