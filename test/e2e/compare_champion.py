"""Compares a registered model with predictions in Parquet: python compare_champion.py URI FOLDER COLUMN LIMIT.

Prints the rows, the largest difference between MLflow's answers and the file's, and the AUC of the file's probabilities
for COLUMN > LIMIT by scikit-learn.
"""

import glob
import json
import sys

import mlflow
import pandas as pd
from sklearn.metrics import roc_auc_score

uri, folder, column, limit = sys.argv[1:]
table = pd.concat([pd.read_parquet(part) for part in sorted(glob.glob(f"{folder}/part-*.parquet"))], ignore_index=True)
inputs = table.drop(columns=["probability", "label"])
for name in inputs.select_dtypes(["datetime", "datetimetz"]):
    inputs[name] = inputs[name].astype("datetime64[ms, UTC]").astype("int64")

answers = mlflow.pyfunc.load_model(uri).predict(inputs)
known = table[column].notna()
print(
    json.dumps({
        "rows": len(table),
        "difference": float((answers["probability"] - table["probability"]).abs().max()),
        "labels": int((answers["label"] != table["label"]).sum()),
        "auc": roc_auc_score(table[column][known] > float(limit), table["probability"][known]),
    })
)
