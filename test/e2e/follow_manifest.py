"""Reads predictions by their manifests, as docs/predictions.md says: python follow_manifest.py STORE PREDICTION...

Prints by prediction and reader the rows, their values in forms that JSON has: integers and the missing as they are, times as
epoch milliseconds, numbers that JSON lacks as text.
"""

import datetime
import json
import math
import os
import sys

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather

store, *predictions = sys.argv[1:]


def parts_of(manifest):
    """Path and folder's value of each part."""
    return [(os.path.join(store, part["key"]), part.get("value")) for part in manifest["parts"]]


def types_of(manifest, names):
    """Text does not say what its columns are: the manifest does."""
    return {field["name"]: names[field["type"]] for field in manifest["fields"] if field["type"] in names}


def times_of(manifest):
    return [field["name"] for field in manifest["fields"] if field["type"] == "timestamp"]


def with_pandas(manifest):
    types = types_of(manifest, {"integer": "Int64", "boolean": "boolean", "float": "float64", "string": "string"})
    times = times_of(manifest)
    read = {
        "csv": lambda path: pd.read_csv(path, dtype=types, parse_dates=times),
        # pandas' own reader makes floats of integers where one is missing.
        "ndjson": lambda path: with_times(pd.read_json(path, lines=True, engine="pyarrow", dtype_backend="pyarrow"), times),
        "parquet": lambda path: pd.read_parquet(path, dtype_backend="numpy_nullable", partitioning=None),
        "arrow": lambda path: pd.read_feather(path, dtype_backend="numpy_nullable"),
    }[manifest["format"]]
    frames = [read(path).assign(**folder(manifest, value)) for path, value in parts_of(manifest)]
    return pd.concat(frames, ignore_index=True).to_dict("records") if frames else []


def with_times(frame, times):
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in times})


def with_polars(manifest):
    names = {"integer": pl.Int64, "boolean": pl.Boolean, "float": pl.Float64, "string": pl.String, "timestamp": pl.String}
    types = types_of(manifest, names)
    times = pl.col(times_of(manifest)).str.to_datetime(time_unit="ms", time_zone="UTC")
    read = {
        "csv": lambda path: pl.read_csv(path, schema_overrides=types).with_columns(times),
        "ndjson": lambda path: pl.read_ndjson(path, schema_overrides=types).with_columns(times),
        "parquet": lambda path: pl.read_parquet(path, hive_partitioning=False),
        "arrow": pl.read_ipc,
    }[manifest["format"]]
    frames = [
        read(path).with_columns(pl.lit(value, pl.String).alias(name) for name, value in folder(manifest, value).items())
        for path, value in parts_of(manifest)
    ]
    return pl.concat(frames).to_dicts() if frames else []


def with_duckdb(manifest):
    paths = [path for path, _ in parts_of(manifest)]
    if not paths:
        return []
    names = {"integer": "BIGINT", "boolean": "BOOLEAN", "float": "DOUBLE", "string": "VARCHAR", "timestamp": "TIMESTAMPTZ"}
    types = types_of(manifest, names)
    hive = f"hive_partitioning = {'true' if manifest['partitionBy'] else 'false'}, hive_types_autocast = false"
    read = {
        "csv": f"read_csv({paths}, types = {types}, {hive})",
        "ndjson": f"read_json({paths}, format = 'newline_delimited', columns = {types}, {hive})",
        "parquet": f"read_parquet({paths}, {hive})",
    }
    if manifest["format"] == "arrow":
        table = pa.concat_tables(pyarrow.feather.read_table(path) for path in paths)
        return duckdb.from_arrow(table).to_arrow_table().to_pylist()
    return duckdb.sql(f"from {read[manifest['format']]}").to_arrow_table().to_pylist()


def folder(manifest, value):
    by = manifest["partitionBy"]
    return {by["name"]: value} if by else {}


def plain(value):
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (datetime.datetime, pd.Timestamp)):
        utc = value.replace(tzinfo=datetime.timezone.utc) if value.tzinfo is None else value
        return round(utc.timestamp() * 1000)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    value = value.item() if hasattr(value, "item") else value
    # JSON.parse would round it.
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


answer = {}
for prediction in predictions:
    with open(os.path.join(store, "predictions", prediction, "manifest.json")) as file:
        manifest = json.load(file)
    answer[prediction] = {
        name: [{key: plain(value) for key, value in row.items()} for row in read(manifest)]
        for name, read in [("pandas", with_pandas), ("polars", with_polars), ("duckdb", with_duckdb)]
    }
print(json.dumps(answer, default=str))
