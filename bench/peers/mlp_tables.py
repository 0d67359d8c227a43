"""scikit-learn's networks in `npm run bench -- training`; see training_table.py.   usage: mlp_tables.py FOLDER

Numbers alone, standardised before, in single precision: it is then some 1.5 times as fast as in double. A regression's target is
standardised as well, as ours is.
"""
import os
for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]: os.environ[name] = "1"
import warnings
import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler
from training_table import serve

warnings.simplefilter("ignore")  # It has not converged after so few epochs.

def prepare(table):
    scaler = StandardScaler().fit(table.X)
    table.encoded = scaler.transform(table.Xt).astype("f4")
    table.mean, table.deviation = (table.y.mean(), table.y.std()) if table.task == "regression" else (0, 1)
    y = ((table.y - table.mean) / table.deviation).astype("f4") if table.task == "regression" else table.y
    return table, scaler.transform(table.X).astype("f4"), y

def train(prepared, job):
    table, X, y = prepared
    given = job["params"]
    kind = MLPRegressor if table.task == "regression" else MLPClassifier
    model = kind(hidden_layer_sizes=[int(units) for units in given["hidden_layer_sizes"].split(",")], max_iter=job["rounds"],
                 **{name: given[name] for name in ["batch_size", "learning_rate_init", "alpha"]},
                 random_state=job["seed"], tol=0, n_iter_no_change=job["rounds"] + 1).fit(X, y)
    def predict(table):
        if table.task == "regression": return model.predict(table.encoded) * table.deviation + table.mean
        p = model.predict_proba(table.encoded)
        return p[:, 1] if table.task == "binary" else p
    return predict

serve(prepare, train)
