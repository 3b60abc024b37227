"""How fast this machine multiplies matrices of the encoder's shapes: the limit of embedding.

A passage of n word pieces costs, in each layer, four products with the layer's matrices and two
among its own vectors (attention). Here these are done and nothing else, with the same library, in
the same precision, on the same threads as in the encoder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from index.encoder import HEADS, LAYERS, SIZE

Kind = Literal["torch fp32", "torch bf16", "ONNX fp32", "ONNX int8"]
Products = Callable[[int], None]
"""Does all products of a passage of that many word pieces, on the thread that calls it."""

_MATRICES = ((SIZE, 3 * SIZE), (SIZE, SIZE), (SIZE, 4 * SIZE), (4 * SIZE, SIZE))
"""Inputs and outputs of a layer's matrices."""

_OPSET = 20


def products(kind: Kind) -> Products:
    """What does a passage's products."""
    if kind == "ONNX fp32":
        return _in_onnx(whole=False)
    if kind == "ONNX int8":
        return _in_onnx(whole=True)
    return _in_torch(torch.bfloat16 if kind == "torch bf16" else torch.float32)


def operations(pieces: int) -> int:
    """Multiplications and additions of a passage of that many word pieces."""
    matrices = sum(inputs * outputs for inputs, outputs in _MATRICES) * pieces
    return 2 * LAYERS * (matrices + 2 * pieces * pieces * SIZE)


def _in_torch(kind: torch.dtype) -> Products:
    weights = [torch.randn(outputs, inputs).to(kind) for inputs, outputs in _MATRICES]

    def run(pieces: int) -> None:
        rows = [torch.ones(pieces, inputs, dtype=kind) for inputs, _ in _MATRICES]
        parts = torch.ones(HEADS, pieces, SIZE // HEADS, dtype=kind)
        with torch.inference_mode():
            for _ in range(LAYERS):
                for row, weight in zip(rows, weights, strict=True):
                    torch.nn.functional.linear(row, weight)
                torch.matmul(torch.matmul(parts, parts.transpose(-1, -2)), parts)

    return run


def _in_onnx(*, whole: bool) -> Products:
    """The products of one layer as a graph; ``whole`` for those of whole numbers.

    In 8 bits the products of attention stay in single precision, as they do in the encoder.
    """
    rng = np.random.default_rng(0)
    nodes, weights, inputs, outputs = [], [], [], []
    for number, (columns, width) in enumerate(_MATRICES):
        matrix: npt.NDArray[np.generic] = (
            rng.integers(-64, 65, (columns, width)).astype(np.int8)
            if whole
            else rng.normal(size=(columns, width)).astype(np.float32)
        )
        weights.append(numpy_helper.from_array(matrix, f"w{number}"))
        kinds = (TensorProto.UINT8, TensorProto.INT32) if whole else (TensorProto.FLOAT,) * 2
        inputs.append(helper.make_tensor_value_info(f"x{number}", kinds[0], ["n", columns]))
        outputs.append(helper.make_tensor_value_info(f"y{number}", kinds[1], ["n", width]))
        operator = "MatMulInteger" if whole else "MatMul"
        nodes.append(helper.make_node(operator, [f"x{number}", f"w{number}"], [f"y{number}"]))
    part: list[int | str | None] = [HEADS, "n", SIZE // HEADS]
    turned: list[int | str | None] = [HEADS, SIZE // HEADS, "n"]
    for name, shape in (("q", part), ("k", turned), ("v", part)):
        inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    outputs.append(helper.make_tensor_value_info("seen", TensorProto.FLOAT, part))
    nodes.append(helper.make_node("MatMul", ["q", "k"], ["alike"]))
    nodes.append(helper.make_node("MatMul", ["alike", "v"], ["seen"]))
    graph = helper.make_graph(nodes, "products", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=10)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )

    def run(pieces: int) -> None:
        kind = np.uint8 if whole else np.float32
        given: dict[str, npt.NDArray[np.generic]] = {
            f"x{number}": np.ones((pieces, columns), kind)
            for number, (columns, _) in enumerate(_MATRICES)
        }
        parts = np.ones((HEADS, pieces, SIZE // HEADS), np.float32)
        given |= {"q": parts, "v": parts, "k": np.ascontiguousarray(parts.transpose(0, 2, 1))}
        for _ in range(LAYERS):
            session.run(None, given)

    return run
