"""scikit-learn's HistGradientBoosting in `npm run bench -- training`; see training_table.py.   usage: histgb_tables.py FOLDER

It bins the table anew in each fit, which the others do before; that is part of its seconds.
"""
import os
os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.preprocessing import OrdinalEncoder
from training_table import serve

MOST_WORDS = 250  # It takes no more categories than bins.

def prepare(table):
    encoders = {name: encoder(table.X[[name]]) for name in table.words}
    def features(X):
        return np.column_stack([encoders[name].transform(X[[name]]) if name in encoders else X[name] for name in table.inputs]).astype("float32")
    table.encoded = features(table.Xt)
    return table, features(table.X)

def encoder(column):
    return OrdinalEncoder(max_categories=MOST_WORDS, handle_unknown="use_encoded_value", unknown_value=np.nan).fit(column)

def train(prepared, job):
    table, X = prepared
    given = job["params"]
    kind = HistGradientBoostingRegressor if table.task == "regression" else HistGradientBoostingClassifier
    model = kind(learning_rate=given["learning_rate"], max_leaf_nodes=given["leaves"], min_samples_leaf=given.get("min_data", 20),
                 max_iter=job["rounds"], early_stopping=False, random_state=job["seed"],
                 categorical_features=[table.inputs.index(name) for name in table.words] or None).fit(X, table.y)
    def predict(table):
        if table.task == "regression": return model.predict(table.encoded)
        p = model.predict_proba(table.encoded)
        return p[:, 1] if table.task == "binary" else p
    return predict

serve(prepare, train)
