"""Prints what a registered model answers: python predict.py URI, with MLFLOW_TRACKING_URI set."""

import json
import sys

import mlflow
import pandas as pd

model = mlflow.pyfunc.load_model(sys.argv[1])
example = model.input_example
columns = [column.name for column in model.metadata.get_input_schema()]
plain = pd.DataFrame({name: example[name].tolist() for name in columns}, index=[f"r{i}" for i in range(len(example))])


def rows(frame):
    """JSON has no NaN."""
    answer = model.predict(frame)
    return answer.astype(object).where(answer.notna(), None).to_dict("list")


onnx_flavor = mlflow.onnx.load_model(sys.argv[1])
print(
    json.dumps({
        "example": rows(example),
        "plain": rows(plain),
        "index": list(model.predict(plain).index),
        "inputs": [(column.name, column.type.name) for column in model.metadata.get_input_schema()],
        "outputs": [(column.name, column.type.name) for column in model.metadata.get_output_schema()],
        "onnx": [port.name for port in onnx_flavor.graph.input],
    })
)
