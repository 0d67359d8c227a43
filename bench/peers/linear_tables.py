"""scikit-learn's linear models in `npm run bench -- training`; see training_table.py.   usage: linear_tables.py FOLDER

All of the table is in memory, in one matrix of doubles, before the time runs: it is standardised, and fitted.
"""
import os
for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]: os.environ[name] = "1"
import json, sys, time
from pathlib import Path
import numpy as np, pyarrow as pa
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score, root_mean_squared_error
from sklearn.preprocessing import StandardScaler
from training_table import say

folder = Path(sys.argv[1])
told = json.loads((folder / "table.json").read_text())

def read(files, rows):
    X, y, at = np.empty((rows, len(told["inputs"]))), np.empty(rows), 0
    for file in files:
        table = pa.ipc.open_file(str(file)).read_all()
        for k, name in enumerate(told["inputs"]): X[at:at + len(table), k] = table[name].to_numpy()
        y[at:at + len(table)] = table[told["target"]].to_numpy()
        at += len(table)
    return X, y

def model(params):
    penalty = params.get("penalty", "l2")
    if told["task"] == "binary": return LogisticRegression(C=params["C"], tol=1e-6, max_iter=1000)
    if penalty == "l2": return Ridge(alpha=params["alpha"], copy_X=False)
    if penalty == "l1": return Lasso(alpha=params["alpha"], copy_X=False)
    return ElasticNet(alpha=params["alpha"], l1_ratio=params["l1_ratio"], copy_X=False)

began = time.process_time()
X, y = read(sorted(folder.glob("train-*.arrow")), told["rows"])
Xt, yt = read([folder / "test.arrow"], told["test_rows"])
say(dict(ready=True, rows=len(X), test_rows=len(Xt), prepare_cpu_s=time.process_time() - began))
for line in sys.stdin:
    job = json.loads(line)
    clock, cpu = time.time(), time.process_time()
    scaler = StandardScaler().fit(X)
    fitted = model(job["params"]).fit(scaler.transform(X), y)
    spent = dict(train_cpu_s=time.process_time() - cpu, train_s=time.time() - clock)
    scaled = scaler.transform(Xt)
    binary = told["task"] == "binary"
    score = roc_auc_score(yt, fitted.predict_proba(scaled)[:, 1]) if binary else root_mean_squared_error(yt, fitted.predict(scaled))
    say(dict(score=score, **spent))
