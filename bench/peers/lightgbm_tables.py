"""LightGBM in `npm run bench -- training`; see training_table.py.   usage: lightgbm_tables.py FOLDER"""
import lightgbm as lgb, pandas as pd
from training_table import serve

NAMES = dict(leaves="num_leaves", min_data="min_data_in_leaf", min_hessian="min_sum_hessian_in_leaf", l1="lambda_l1", l2="lambda_l2")
QUIET = dict(num_threads=1, verbose=-1, feature_pre_filter=False)

def prepare(table):
    codes = {name: table.X[name].astype("category").cat.categories for name in table.words}
    def features(X): return X.assign(**{name: pd.Categorical(X[name].where(X[name].isin(known)), categories=known) for name, known in codes.items()})
    data = lgb.Dataset(features(table.X), table.y, categorical_feature=list(codes) or "auto", params=QUIET).construct()
    task = dict(objective=table.task, **(dict(num_class=table.classes) if table.task == "multiclass" else {}))
    return data, task, features

def train(prepared, job):
    data, task, features = prepared
    given = {NAMES.get(name, name): value for name, value in job["params"].items()}
    booster = lgb.Booster(dict(**QUIET, **task, **given, seed=job["seed"]), data)
    for _ in range(job["rounds"]): booster.update()
    return lambda table: booster.predict(features(table.Xt))

serve(prepare, train)
