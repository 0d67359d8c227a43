"""The three models of `npm run bench -- predict`, which are kept in bench/models: run again only to change them.

usage: make_models.py FOLDER      Writes gbdt.onnx, mlp.onnx and logistic.onnx.

Each takes one float matrix [rows, 28]. The trees (100 of 31 leaves) come from LightGBM by onnxmltools, the logistic regression from
scikit-learn by skl2onnx, both with a label and two probabilities a row; the MLP, 28-128-64-1, is as PyTorch exports one.
"""
import sys
import lightgbm as lgb, numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

folder = sys.argv[1]
random = np.random.default_rng(0)
X = random.standard_normal((200_000, 28), dtype="float32")
w, v = random.standard_normal(28), random.standard_normal(28)
y = (X @ w + (X**2) @ v + random.standard_normal(len(X)) * 3 > v.sum()).astype("int64")

def save(name, model):
    onnx.checker.check_model(model)
    onnx.save(model, f"{folder}/{name}.onnx")

trees = lgb.LGBMClassifier(n_estimators=100, num_leaves=31, learning_rate=.1, verbose=-1, random_state=0, n_jobs=1).fit(X, y)
save("gbdt", convert_lightgbm(trees, initial_types=[("X", FloatTensorType([None, 28]))], zipmap=False, target_opset=15))

linear = LogisticRegression().fit(X, y)
save("logistic", to_onnx(linear, X[:1], options={"zipmap": False}, target_opset=21))

mlp = MLPClassifier((128, 64), max_iter=3, random_state=0).fit(X, y)
nodes, constants, last = [], [], "X"
for layer, (weights, bias) in enumerate(zip(mlp.coefs_, mlp.intercepts_)):
    for name, values in ("weight", weights.T), ("bias", bias):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values, "float32"), f"layers.{layer}.{name}"))
    nodes.append(helper.make_node("Gemm", [last, f"layers.{layer}.weight", f"layers.{layer}.bias"], [f"gemm_{layer}"], transB=1))
    last = "probability" if layer == 2 else f"act_{layer}"
    nodes.append(helper.make_node("Sigmoid" if layer == 2 else "Relu", [f"gemm_{layer}"], [last]))
matrix = lambda name, width: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])
graph = helper.make_graph(nodes, "mlp", [matrix("X", 28)], [matrix("probability", 1)], constants)
save("mlp", helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="fanfare-bench"))
