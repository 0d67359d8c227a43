/**
 * The Python that loads a model for `mlflow.pyfunc`. mlflow.onnx (3.17.2) hands pandas columns over as they are, which ONNX
 * Runtime refuses for the string columns of pandas 3, and for a model with one input makes a matrix of the table.
 * The `onnx` flavor beside it stays the standard one.
 */
export const loaderModule = 'fanfare_pyfunc';

export const loaderSource = `"""Runs model.onnx for mlflow.pyfunc: a column of the DataFrame is an input of shape [N], a missing text is ''.

When it is loaded it must say of the rows in golden_rows.json what it said when it was made.
"""

import json
import os

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

    def answers(self, data):
        feeds = {port.name: column(data[port.name], port.type) for port in self.session.get_inputs()}
        names = [port.name for port in self.session.get_outputs()]
        return names, self.session.run(names, feeds)

    def predict(self, data, params=None):
        index = data.index if isinstance(data, pd.DataFrame) else None
        columns = [pair for name, value in zip(*self.answers(data)) for pair in self.columns(name, value)]
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
    if kind == "tensor(int64)" and series.isna().any():
        # A missing time is the least int64.
        return np.array([np.iinfo(np.int64).min if pd.isna(value) else int(value) for value in series])
    return series.to_numpy(dtype=DTYPES[kind])


def check(model, path):
    """Raises ValueError where the model does not answer its golden rows as it did when it was made."""
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    answers = dict(zip(*model.answers(pd.DataFrame(golden["data"], columns=golden["columns"]))))
    for name, expected in golden["expected"].items():
        for row, (wanted, got) in enumerate(zip(expected, answers[name].tolist())):
            if not near(wanted, got, golden["tolerance"]):
                raise ValueError(
                    f"this model does not predict here what it did when it was made: row {row} of {path}, "
                    f"output {name!r}: expected {wanted}, got {got} (allowed: {golden['tolerance']} apart)"
                )


def near(wanted, got, tolerance):
    if isinstance(wanted, list):
        return all(near(one, other, tolerance) for one, other in zip(wanted, got))
    if isinstance(wanted, (bool, str)):
        return wanted == got
    return abs(wanted - got) <= tolerance * max(1, abs(wanted))


def _load_pyfunc(path):
    model = Model(path)
    check(model, os.path.join(os.path.dirname(path), "golden_rows.json"))
    return model
`;
