"""LightGBM on the rows that Fanfare split, one training a line: what bench/drivers/gbdt-trainer.ts is for `gbdt`.

usage: lightgbm_trainer.py STORE DATASET      DATASET as in `datasets/<dataset>/`. Says {"ready": …} once the table is binned; then each
line of stdin, {"params": {learning_rate, leaves, min_data, l2, feature_fraction}, "rounds": N, "seed": N}, is answered by one
line: {"auc": of the test side, "train_cpu_s": processor seconds of training on one thread, "train_s": the clock's}.
"""
import json, sys, time
from pathlib import Path
import lightgbm as lgb, pandas as pd, pyarrow as pa
from sklearn.metrics import roc_auc_score

store, dataset = Path(sys.argv[1]), sys.argv[2]
NAMES = dict(learning_rate="learning_rate", leaves="num_leaves", min_data="min_data_in_leaf", l2="lambda_l2", feature_fraction="feature_fraction")

def read(side):
    manifest = json.loads((store / "datasets" / dataset / "manifest.json").read_text())
    tables = [pa.ipc.open_file(pa.OSFile(str(store / part["key"]))).read_all() for part in manifest["partitions"][side]]
    return pd.concat([t.to_pandas() for t in tables], ignore_index=True).dropna(subset=["delay"])

began = time.process_time()
sides = {side: read(side) for side in ["train", "test"]}
codes = {name: pd.concat([df[name].astype(str) for df in sides.values()]).astype("category").cat.categories for name in ["origin", "destination"]}

def features(df):
    out = {"month": df.date.dt.month, "weekday": df.date.dt.day_of_week, "minute": df.date.dt.hour * 60 + df.date.dt.minute, "distance": df.distance}
    out.update({name: pd.Categorical(df[name].astype(str), categories=known).codes for name, known in codes.items()})
    return pd.DataFrame(out).astype("float32"), (df.delay > 15).astype("int8")

(X, y), (Xt, yt) = features(sides["train"]), features(sides["test"])
# A trial's own min_data_in_leaf may not decide which features the table keeps.
table = lgb.Dataset(X, y, categorical_feature=[4, 5], params=dict(feature_pre_filter=False, num_threads=1, verbose=-1)).construct()
print(json.dumps({"ready": True, "rows": len(X), "test_rows": len(Xt), "prepare_cpu_s": round(time.process_time() - began, 2)}), flush=True)

for line in sys.stdin:
    job = json.loads(line)
    params = {NAMES[name]: value for name, value in job["params"].items()}
    clock, cpu = time.time(), time.process_time()
    booster = lgb.Booster(dict(objective="binary", num_threads=1, verbose=-1, feature_pre_filter=False, seed=job["seed"], **params), table)
    for _ in range(job["rounds"]): booster.update()
    spent = {"train_cpu_s": round(time.process_time() - cpu, 3), "train_s": round(time.time() - clock, 3)}
    print(json.dumps({"auc": roc_auc_score(yt, booster.predict(Xt)), **spent}), flush=True)
