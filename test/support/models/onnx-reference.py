"""Holds an ONNX file against the standard: `onnx-reference.py MODEL [IMAGES N HEIGHT WIDTH FOLDER]`.

Prints what the checker, with full shape inference, and the file itself say, as JSON. Raw float32 images [N, HEIGHT, WIDTH, 3] are run by the
reference evaluator. Each of its outputs goes to a file of the output's name in FOLDER, as raw float32.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx.version_converter
from onnx.reference import ReferenceEvaluator


def nodes_of(graph):
    """All nodes, those in the graphs of attributes among them."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in [attribute.g, *attribute.graphs]:
                yield from nodes_of(inner)


path, *images = sys.argv[1:]
model = onnx.load(path)
onnx.checker.check_model(model, full_check=True)
graph = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True).graph
if images:
    source, count, height, width, folder = images
    pixels = np.fromfile(source, np.float32).reshape(int(count), int(height), int(width), 3)
    # For BatchNormalization before version 14 the evaluator mixes the batch's statistics in, which the standard does in training alone.
    old = any(not opset.domain and opset.version < 14 for opset in model.opset_import)
    evaluated = onnx.version_converter.convert_version(model, 15) if old else model
    outputs = ReferenceEvaluator(evaluated).run(None, {model.graph.input[0].name: pixels})
    for info, output in zip(graph.output, outputs, strict=True):
        assert output.dtype == np.float32, output.dtype
        output.tofile(Path(folder, info.name))


def value(info):
    tensor = info.type.tensor_type
    return {"name": info.name, "shape": [dim.dim_param or dim.dim_value for dim in tensor.shape.dim]}


print(
    json.dumps(
        {
            "inputs": [value(info) for info in graph.input],
            "outputs": [value(info) for info in graph.output],
            "domains": sorted({node.domain or "ai.onnx" for node in nodes_of(graph)}),
            "imports": sorted({opset.domain or "ai.onnx" for opset in model.opset_import}),
        }
    )
)
