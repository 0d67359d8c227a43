"""Every row of a table scored by an ONNX model: pandas, a file at a time, and ONNX Runtime on both cores.

usage: pandas_predict.py FOLDER csv|parquet MODEL OUT      Prints one JSON line.
"""
import time
from scoring import COLUMNS, Scorer, arguments, files, say
import pandas as pd

folder, format, model, out = arguments()
started = time.time()
score = Scorer(model, threads=2)
types = {"id": "int64", **dict.fromkeys(COLUMNS, "float32")}
rows = 0
for part, file in enumerate(files(folder)):
    df = pd.read_csv(file, dtype=types) if format == "csv" else pd.read_parquet(file)
    scored = pd.DataFrame({"id": df.id, "score": score(df[COLUMNS].to_numpy())})
    scored.to_parquet(f"{out}/{part:03}.parquet", index=False)
    rows += len(scored)
say("pandas", started, time.time(), rows)
