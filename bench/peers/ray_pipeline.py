"""The seed's Ray pipeline on the flights table: Ray Tune + Optuna + ASHA over LightGBM, then Ray Data batch prediction.

usage: ray_pipeline.py flights-3m.parquet TRIALS [ROWS] [--score rungs] [--seed N]
Work: is a flight more than 15 minutes late? Features: month, weekday, minute of the day, distance, origin, destination.
Split 70/15/15. At most 100 boosting rounds, ASHA with grace 10 and factor 3, two CPUs. Prints one JSON line.
--score every (the default): as the seed does it, the validation side is scored after each round and reported after every tenth;
--score rungs: scored and reported where ASHA decides (10, 30, 90) and at the end. --seed: of the search alone.
"""
import argparse, json, logging, os, tempfile, time
os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
import numpy as np, pandas as pd, lightgbm as lgb, ray
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.optuna import OptunaSearch
from sklearn.metrics import roc_auc_score

args = argparse.ArgumentParser()
args.add_argument("path"); args.add_argument("trials", type=int); args.add_argument("rows", type=int, nargs="?")
args.add_argument("--score", choices=["every", "rungs"], default="every"); args.add_argument("--seed", type=int, default=0)
args = args.parse_args()
path, trials, rows = args.path, args.trials, args.rows
RUNGS = [10, 30, 90, 100]

def features(df):
    out = pd.DataFrame({
        "month": df.date.dt.month, "weekday": df.date.dt.day_of_week,
        "minute": df.date.dt.hour * 60 + df.date.dt.minute, "distance": df.distance,
        "origin": df.origin.astype("category").cat.codes, "destination": df.destination.astype("category").cat.codes})
    return out.astype("float32"), (df.delay > 15).astype("int8")

t0 = time.time()
df = pd.read_parquet(path)
if rows: df = df.iloc[:: max(1, len(df) // rows)].head(rows)
X, y = features(df)
side = np.random.default_rng(0).random(len(X))
train, valid, test = side < .7, (side >= .7) & (side < .85), side >= .85
t_split = time.time() - t0

t_init = time.time()
ray.init(num_cpus=2, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
t_start = time.time() - t_init
refs = {k: ray.put((X[m], y[m])) for k, m in {"train": train, "valid": valid}.items()}

def fit(c):
    (xt, yt), (xv, yv) = ray.get(refs["train"]), ray.get(refs["valid"])
    d = lgb.Dataset(xt, yt, categorical_feature=[4, 5]); v = lgb.Dataset(xv, yv, reference=d)
    params = dict(objective="binary", metric="auc", num_threads=1, verbose=-1, learning_rate=c["lr"], num_leaves=c["leaves"],
                  min_data_in_leaf=c["min_data"], lambda_l2=c["l2"], feature_fraction=c["ff"])
    if args.score == "every":
        def report(env):
            if (env.iteration + 1) % 10 == 0: tune.report({"auc": env.evaluation_result_list[0][2], "rounds": env.iteration + 1})
        lgb.train(params, d, 100, [v], callbacks=[report])
        return
    booster = lgb.Booster(params, d).add_valid(v, "valid")
    for done in range(1, 101):
        booster.update()
        if done in RUNGS: tune.report({"auc": booster.eval_valid()[0][2], "rounds": done})

t1 = time.time()
res = tune.Tuner(fit, param_space={"lr": tune.loguniform(.01, .5), "leaves": tune.lograndint(7, 255), "min_data": tune.lograndint(5, 500),
                                  "l2": tune.loguniform(1e-6, 10), "ff": tune.uniform(.4, 1)},
    tune_config=tune.TuneConfig(metric="auc", mode="max", num_samples=trials, search_alg=OptunaSearch(seed=args.seed),
        scheduler=ASHAScheduler(time_attr="rounds", max_t=100, grace_period=10, reduction_factor=3)),
    run_config=tune.RunConfig(verbose=0)).fit()
best = res.get_best_result(metric="auc", mode="max", scope="all")
t_tune = time.time() - t1
trees = sum(r.metrics.get("rounds", 0) for r in res if r.metrics)
reports = pd.concat([r.metrics_dataframe for r in res if r.metrics_dataframe is not None])
best_at = reports.timestamp[reports.auc >= best.metrics["auc"]].min()

c = best.config
t2 = time.time()
model = lgb.train(dict(objective="binary", num_threads=2, verbose=-1, learning_rate=c["lr"], num_leaves=c["leaves"],
    min_data_in_leaf=c["min_data"], lambda_l2=c["l2"], feature_fraction=c["ff"]), lgb.Dataset(X[train], y[train], categorical_feature=[4, 5]), best.metrics["rounds"])
t_refit = time.time() - t2

text = model.model_to_string()
class Predict:
    def __init__(self): self.m = lgb.Booster(model_str=text)
    def __call__(self, b): return {"p": self.m.predict(np.stack([b[k] for k in X.columns], 1), num_threads=1).astype("float32")}
t3 = time.time()
out = tempfile.mkdtemp()
ds = ray.data.from_pandas(X).repartition(16)
ds.map_batches(Predict, compute=ray.data.ActorPoolStrategy(size=2), num_cpus=.5, batch_size=16384).write_parquet(out)
t_pred = time.time() - t3
print(json.dumps({"peer": "ray", "rows": len(X), "trials": trials, "start_s": round(t_start, 1), "split_s": round(t_split, 1), "tune_s": round(t_tune, 1), "refit_s": round(t_refit, 1),
    "predict_s": round(t_pred, 1), "total_s": round(time.time() - t0, 1), "best_at_s": round(float(best_at - t0), 1),
    "trees": int(trees + best.metrics["rounds"]), "valid_auc": round(best.metrics["auc"], 4),
    "test_auc": round(roc_auc_score(y[test], model.predict(X[test])), 4), "best": c}))
