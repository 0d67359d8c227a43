"""Every row of a table scored by an ONNX model: Ray Data on two cores, a pool of two actors with a session in each.

usage: ray_data_predict.py FOLDER csv|parquet MODEL OUT      Prints one JSON line.
"""
import logging, os, time
os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
from scoring import COLUMNS, Scorer, arguments, say
import numpy as np, pyarrow as pa, pyarrow.csv as csv, pyarrow.parquet as pq, ray

class Predict:
    def __init__(self, model): self.score = Scorer(model, threads=1)
    def __call__(self, batch): return {"id": batch["id"], "score": self.score(np.stack([batch[name] for name in COLUMNS], 1))}

folder, format, model, out = arguments()
ray.init(num_cpus=2, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
started = time.time()
types = {"id": pa.int64(), **dict.fromkeys(COLUMNS, pa.float32())}
if format == "csv": table = ray.data.read_csv(folder, convert_options=csv.ConvertOptions(column_types=types))
else: table = ray.data.read_parquet(folder)
# Half a core an actor, so that reading has one as well.
pool = ray.data.ActorPoolStrategy(size=2)
table.map_batches(Predict, fn_constructor_args=[model], compute=pool, num_cpus=.5, batch_size=8192).write_parquet(out)
ended = time.time()
say("ray", started, ended, pq.ParquetDataset(out).read(["id"]).num_rows)
