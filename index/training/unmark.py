"""Graphs without what their maker noted about the machine they were made on."""

from __future__ import annotations

from pathlib import Path

import onnx


def unmark(model: onnx.ModelProto) -> None:
    """Take out of a graph the paths, stack traces and shapes that torch's exporter notes in it.

    Args:
        model: changed in place; it computes what it did.
    """
    graph = model.graph
    del graph.value_info[:]
    for part in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.ClearField("doc_string")


def unmark_file(path: Path) -> None:
    """Do that to a file."""
    model = onnx.load(path)
    unmark(model)
    onnx.save(model, path)
