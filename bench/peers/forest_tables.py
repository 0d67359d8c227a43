"""scikit-learn's random forests in `npm run bench -- training`; see training_table.py.   usage: forest_tables.py FOLDER

Words become numbers, since it knows no categories.
"""
import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.preprocessing import OrdinalEncoder
from training_table import serve

def prepare(table):
    encoders = {name: OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(table.X[[name]]) for name in table.words}
    def features(X):
        return np.column_stack([encoders[name].transform(X[[name]]) if name in encoders else X[name] for name in table.inputs]).astype("float32")
    table.encoded = features(table.Xt)
    return table, features(table.X)

def train(prepared, job):
    table, X = prepared
    given = {name: value for name, value in job["params"].items() if name != "oob_score"}
    kind = RandomForestRegressor if table.task == "regression" else RandomForestClassifier
    model = kind(job["rounds"], n_jobs=1, random_state=job["seed"], oob_score=job["params"]["oob_score"], **given).fit(X, table.y)
    def predict(table):
        if table.task == "regression": return model.predict(table.encoded)
        p = model.predict_proba(table.encoded)
        return p[:, 1] if table.task == "binary" else p
    return predict

serve(prepare, train)
