"""Reads an exported study: python read_study.py FOLDER, with study.journal, study.csv, study.parquet and rungs.csv in it.

Prints what Optuna and pandas make of it, and continues the study by a trial of Optuna's own.
"""

import json
import sys
import warnings

import optuna
import pandas as pd
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

warnings.simplefilter("error")
optuna.logging.set_verbosity(optuna.logging.WARNING)
folder, name = sys.argv[1:]


def load():
    return optuna.load_study(study_name=name, storage=JournalStorage(JournalFileBackend(f"{folder}/study.journal")))


def told(trial):
    return {
        "number": trial.number,
        "state": trial.state.name,
        "values": trial.values,
        "params": trial.params,
        "distributions": {name: repr(one) for name, one in trial.distributions.items()},
        "intermediate": trial.intermediate_values,
        "start": trial.datetime_start.isoformat(),
        "complete": trial.datetime_complete and trial.datetime_complete.isoformat(),
        "attributes": trial.user_attrs,
    }


study = load()
result = {
    "directions": [one.name for one in study.directions],
    "metrics": study.metric_names,
    "attributes": study.user_attrs,
    "trials": [told(trial) for trial in study.trials],
    "best": [trial.number for trial in study.best_trials],
}
if len(study.directions) == 1:
    result["best"] = study.best_trial.number
    result["importances"] = optuna.importance.get_param_importances(study)

before = len(study.trials)
trial = study.ask({name: one for past in study.trials for name, one in past.distributions.items()})
study.tell(trial, [0.5] * len(study.directions))
again = load()
result["continued"] = [len(again.trials) - before, again.trials[-1].state.name, sorted(again.trials[-1].params)]

warnings.simplefilter("default")
for file in ("study", "rungs"):
    csv = pd.read_csv(f"{folder}/{file}.csv", float_precision="round_trip")
    parquet = pd.read_parquet(f"{folder}/{file}.parquet")
    times = [column for column in csv.columns if column.startswith("datetime_")]
    for column in times:
        csv[column] = pd.to_datetime(csv[column], utc=True, format="ISO8601")
    result[file] = {
        "columns": list(csv.columns),
        "types": {column: str(parquet[column].dtype) for column in parquet.columns},
        "same": list(parquet.columns) == list(csv.columns)
        and all(csv[column].dropna().tolist() == parquet[column].dropna().tolist() for column in csv.columns),
        "rows": json.loads(parquet.drop(columns=times).to_json(orient="records", double_precision=15)),
        "frame": sorted(set(study.trials_dataframe().columns) - set(csv.columns)),
    }
print(json.dumps(result))
