"""Reads predictions and checks them against the input: python read_outputs.py MODEL INPUT.csv FOLDER...

Each FOLDER holds a prediction in a format of its own; its columns are id, when, x, probability and label. The expected
probabilities are those of onnxruntime for the model's file. Prints by reader the rows, the largest difference of a
probability, and whether the other columns are the input's.
"""

import glob
import json
import sys

import numpy as np
import onnxruntime
import pandas as pd
import polars as pl
import pyarrow.feather
import pyarrow.parquet

model, table, *folders = sys.argv[1:]
# By default pandas reads decimals a little off.
exact = {"float_precision": "round_trip"}
given = pd.read_csv(table, dtype={"id": str, "color": str}, keep_default_na=False, **exact)
when = pd.to_datetime(given["when"], utc=True)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
feeds = {
    "when": when.astype("datetime64[ms, UTC]").astype("int64").to_numpy(),
    "x": given["x"].to_numpy(np.float64),
    "color": given["color"].astype(object).to_numpy(),
}
expected, labels = session.run(["probability", "label"], feeds)

READERS = {
    "csv": [("pandas", lambda path: pd.read_csv(path, **exact)), ("polars", lambda path: pl.read_csv(path).to_pandas())],
    "ndjson": [
        ("pandas", lambda path: pd.read_json(path, lines=True, precise_float=True)),
        ("polars", lambda path: pl.read_ndjson(path).to_pandas()),
    ],
    "parquet": [
        ("pandas", pd.read_parquet),
        ("polars", lambda path: pl.read_parquet(path).to_pandas()),
        ("pyarrow", lambda path: pyarrow.parquet.read_table(path).to_pandas()),
    ],
    "arrow": [
        ("polars", lambda path: pl.read_ipc(path).to_pandas()),
        ("pyarrow", pyarrow.feather.read_feather),
    ],
}


def compare(frame):
    return {
        "rows": len(frame),
        "columns": list(frame.columns),
        "difference": float(np.abs(frame["probability"].to_numpy(float) - expected).max()),
        "same": {
            "id": frame["id"].tolist() == given["id"].tolist(),
            "when": (pd.to_datetime(frame["when"], utc=True) == when).all().item(),
            "x": frame["x"].tolist() == given["x"].tolist(),
            "label": frame["label"].tolist() == labels.tolist(),
        },
    }


answer = {}
for folder in folders:
    parts = sorted(glob.glob(f"{folder}/part-*"))
    ending = parts[0].rsplit(".", 1)[1]
    for name, read in READERS[ending]:
        answer[f"{ending} by {name}"] = compare(pd.concat(map(read, parts), ignore_index=True))
print(json.dumps(answer))
