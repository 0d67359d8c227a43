"""Logs an ONNX file as people do, with the signature of a data frame: python log_model.py FILE REGISTERED COLUMN ..."""

import json
import sys
import tempfile

import mlflow
import numpy as np
import onnx
import pandas as pd

path, name, *columns = sys.argv[1:]
model = onnx.load(path)
frame = pd.DataFrame(np.zeros((2, len(columns))), columns=columns)
signature = mlflow.models.infer_signature(frame, np.zeros((2, 2), dtype=np.float32))
mlflow.set_experiment(name)
with mlflow.start_run() as run:
    logged = mlflow.onnx.log_model(model, name="net", signature=signature, registered_model_name=name)
    with tempfile.TemporaryDirectory() as folder:
        mlflow.onnx.save_model(model, f"{folder}/saved", signature=signature)
        mlflow.log_artifacts(f"{folder}/saved", "artifacts/old")
    mlflow.log_artifact(path, "plain")
print(json.dumps({"run": run.info.run_id, "model": logged.model_id}))
