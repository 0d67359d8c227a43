"""Writes an ONNX file with a float, an int64 and a string input of shape [N]: python make_model.py FILE [one-input]."""

import sys

import onnx
from onnx import TensorProto as T
from onnx import helper as h

path, single = sys.argv[1], len(sys.argv) > 2
codes = {"keys_strings": ["ABQ", "SFO"], "values_floats": [-1.0, 1.0], "default_float": 0.0}
origin = h.make_node("LabelEncoder", ["origin"], ["code"], domain="ai.onnx.ml", **codes)
more = [
    h.make_node("Cast", ["hour"], ["hours"], to=T.FLOAT),
    h.make_node("Mul", ["distance", "scale"], ["far"]),
    h.make_node("Add", ["far", "hours"], ["partial"]),
    h.make_node("Add", ["partial", "code"], ["sum"]),
]
ends = [
    h.make_node("Sigmoid", ["code" if single else "sum"], ["probability"]),
    h.make_node("Greater", ["probability", "half"], ["above"]),
    h.make_node("Cast", ["above"], ["label"], to=T.INT64),
]
inputs = [("origin", T.STRING)] if single else [("distance", T.FLOAT), ("hour", T.INT64), ("origin", T.STRING)]
graph = h.make_graph(
    [origin, *([] if single else more), *ends],
    "flights",
    [h.make_tensor_value_info(name, kind, ["N"]) for name, kind in inputs],
    [h.make_tensor_value_info("probability", T.FLOAT, ["N"]), h.make_tensor_value_info("label", T.INT64, ["N"])],
    [h.make_tensor("scale", T.FLOAT, [], [0.001]), h.make_tensor("half", T.FLOAT, [], [0.5])],
)
model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17), h.make_opsetid("ai.onnx.ml", 3)], ir_version=9)
onnx.checker.check_model(model)
onnx.save(model, path)
