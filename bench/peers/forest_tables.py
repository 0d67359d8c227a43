"""scikit-learn's random forests in `npm run bench -- training`; see training_table.py.   usage: forest_tables.py FOLDER"""
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from training_table import serve

def prepare(table):
    return table, table.X.to_numpy("float32")

def train(prepared, job):
    table, X = prepared
    given = {name: value for name, value in job["params"].items() if name != "oob_score"}
    kind = RandomForestRegressor if table.task == "regression" else RandomForestClassifier
    model = kind(job["rounds"], n_jobs=1, random_state=job["seed"], oob_score=job["params"]["oob_score"], **given).fit(X, table.y)
    def predict(table):
        Xt = table.Xt.to_numpy("float32")
        if table.task == "regression": return model.predict(Xt)
        p = model.predict_proba(Xt)
        return p[:, 1] if table.task == "binary" else p
    return predict

serve(prepare, train)
