"""A table that is larger than a function, in partitions as the split writes them: made by a seed, as Arrow files.

usage: make_partitions.py FOLDER KIND ROWS FEATURES      Writes FOLDER/train-00000.arrow and so on, of 250,000 rows each,
FOLDER/test.arrow (250,000 rows) and FOLDER/table.json, as make_training_table.py does.

KIND: numeric (binary) or regression; the target `y` is linear in the columns, but for noise. A quarter of the columns are far
from 0, a quarter skewed.
"""
import json, sys
from pathlib import Path
import numpy as np, pyarrow as pa

folder, kind, rows, features = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
size = min(rows, 250_000)
coefficients = np.random.default_rng(5).standard_normal(features) / np.sqrt(features)

def part(seed, count):
    random = np.random.default_rng([7, seed])
    x = random.standard_normal((count, features))
    score = x @ coefficients
    x[:, 1::4] = x[:, 1::4] * 30 + 1000
    x[:, 2::4] = np.exp(x[:, 2::4])
    y = score * 2 + 5 + random.standard_normal(count) if kind == "regression" else (score + random.logistic(size=count) > 0).astype("i8")
    return pa.table({**{f"f{at}": x[:, at] for at in range(features)}, "y": y})

def write(name, table):
    with pa.ipc.new_file(str(folder / name), table.schema) as file: file.write_table(table, max_chunksize=65536)

folder.mkdir(parents=True, exist_ok=True)
starts = range(0, rows, size)
for at, start in enumerate(starts): write(f"train-{at:05}.arrow", part(at, min(size, rows - start)))
write("test.arrow", part(len(starts), size))
task, classes = ("regression", 0) if kind == "regression" else ("binary", 2)
told = {"target": "y", "inputs": [f"f{at}" for at in range(features)], "task": task, "classes": classes, "rows": rows,
        "test_rows": size, "partitions": len(starts)}
(folder / "table.json").write_text(json.dumps(told))
print(json.dumps(told))
