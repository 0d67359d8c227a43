"""Every row of a table scored by an ONNX model: Dask, two workers of one thread, a session in each.

usage: dask_predict.py FOLDER csv|parquet MODEL OUT      Prints one JSON line.
"""
import time
from scoring import COLUMNS, arguments, files, say, scorer
import dask.dataframe as dd, pandas as pd
from dask.distributed import Client, LocalCluster

def predict(part, model):
    return pd.DataFrame({"id": part.id, "score": scorer(model)(part[COLUMNS].to_numpy())})

def main():
    folder, format, model, out = arguments()
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        started = time.time()
        types = {"id": "int64", **dict.fromkeys(COLUMNS, "float32")}
        if format == "csv": df = dd.read_csv(files(folder), dtype=types, blocksize="64MB")
        else: df = dd.read_parquet(folder, split_row_groups=True)
        df.map_partitions(predict, model, meta={"id": "int64", "score": "float32"}).to_parquet(out, write_index=False)
        ended = time.time()
        say("dask", started, ended, len(dd.read_parquet(out)))

if __name__ == "__main__":
    main()
