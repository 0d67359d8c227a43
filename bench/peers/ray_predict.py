"""Ray Data's batch prediction as in ray_pipeline.py, with one LightGBM of 100 trees of 31 leaves.

usage: ray_predict.py flights-3m.parquet      The table is read and its features are made by pandas, before Ray's part. Prints one JSON line.
"""
import json, logging, os, sys, tempfile, time
os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
import numpy as np, pandas as pd, lightgbm as lgb, ray

t0 = time.time()
df = pd.read_parquet(sys.argv[1])
X = pd.DataFrame({
    "month": df.date.dt.month, "weekday": df.date.dt.day_of_week,
    "minute": df.date.dt.hour * 60 + df.date.dt.minute, "distance": df.distance,
    "origin": df.origin.astype("category").cat.codes, "destination": df.destination.astype("category").cat.codes}).astype("float32")
t_read = time.time() - t0
t1 = time.time()
model = lgb.train(dict(objective="binary", num_threads=2, verbose=-1, num_leaves=31, learning_rate=.1),
                  lgb.Dataset(X, (df.delay > 15).astype("int8"), categorical_feature=[4, 5]), 100)
text = model.model_to_string()
t_fit = time.time() - t1

t2 = time.time()
ray.init(num_cpus=2, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
t_start = time.time() - t2

class Predict:
    def __init__(self): self.m = lgb.Booster(model_str=text)
    def __call__(self, b): return {"p": self.m.predict(np.stack([b[k] for k in X.columns], 1), num_threads=1).astype("float32")}
t3 = time.time()
out = tempfile.mkdtemp()
ds = ray.data.from_pandas(X).repartition(16)
ds.map_batches(Predict, compute=ray.data.ActorPoolStrategy(size=2), num_cpus=.5, batch_size=16384).write_parquet(out)
t_pred = time.time() - t3
print(json.dumps({"peer": "ray", "rows": len(X), "start_s": round(t_start, 1), "read_s": round(t_read, 2), "fit_s": round(t_fit, 1),
    "predict_s": round(t_pred, 2), "total_s": round(time.time() - t0, 1)}))
