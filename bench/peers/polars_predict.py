"""Every row of a table scored by an ONNX model: polars, a file at a time on both cores, and ONNX Runtime on both.

usage: polars_predict.py FOLDER csv|parquet MODEL OUT      Prints one JSON line.
"""
import time
from scoring import COLUMNS, Scorer, arguments, files, say
import polars as pl

folder, format, model, out = arguments()
started = time.time()
score = Scorer(model, threads=2)
schema = {"id": pl.Int64, **dict.fromkeys(COLUMNS, pl.Float32)}
rows = 0
for part, file in enumerate(files(folder)):
    df = pl.read_csv(file, schema=schema) if format == "csv" else pl.read_parquet(file)
    scored = pl.DataFrame({"id": df["id"], "score": score(df.select(COLUMNS).to_numpy(order="c"))})
    scored.write_parquet(f"{out}/{part:03}.parquet")
    rows += len(scored)
say("polars", started, time.time(), rows)
