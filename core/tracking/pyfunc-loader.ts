/**
 * The Python that loads a model for `mlflow.pyfunc`. mlflow.onnx (3.17.2) hands pandas columns over as they are, which ONNX
 * Runtime refuses for the string columns of pandas 3, and for a model with one input makes a matrix of the table.
 * The `onnx` flavor beside it stays the standard one.
 */
export const loaderModule = 'fanfare_pyfunc';

export const loaderSource = `"""Runs model.onnx for mlflow.pyfunc: a column of the DataFrame is an input of shape [N], a missing text is ''."""

import json

import numpy as np
import onnxruntime
import pandas as pd

DTYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
}


class Model:
    def __init__(self, path):
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def predict(self, data, params=None):
        feeds = {port.name: column(data[port.name], port.type) for port in self.session.get_inputs()}
        names = [port.name for port in self.session.get_outputs()]
        values = self.session.run(names, feeds)
        index = data.index if isinstance(data, pd.DataFrame) else None
        columns = [pair for name, value in zip(names, values) for pair in self.columns(name, value)]
        return pd.DataFrame(dict(columns), index=index)

    def columns(self, name, value):
        """One column, or one a class of what is a row wide."""
        wide = np.reshape(value, (len(value), -1))
        if wide.shape[1] == 1:
            return [(name, wide[:, 0])]
        told = self.session.get_modelmeta().custom_metadata_map.get("fanfare.classes", "[]")
        words = json.loads(told, parse_float=str, parse_int=str)
        ends = words if len(words) == wide.shape[1] else range(wide.shape[1])
        return [(f"{name}_{end}", wide[:, at]) for at, end in enumerate(ends)]

    def get_raw_model(self):
        return self.session


def column(values, kind):
    series = pd.Series(values)
    if kind == "tensor(string)":
        return series.astype(object).where(series.notna(), "").to_numpy()
    return series.to_numpy(dtype=DTYPES[kind])


def _load_pyfunc(path):
    return Model(path)
`;
