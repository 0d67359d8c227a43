"""A table to train on, the same for whoever takes part: made by a seed, as Arrow files.

usage: make_training_table.py FOLDER KIND ROWS [FEATURES]      Writes FOLDER/train.arrow, FOLDER/test.arrow (a fourth as many
rows) and FOLDER/table.json: {"target", "inputs", "task": binary | multiclass | regression, "classes": how many, "rows", "test_rows"}.

KIND: numeric (binary), missing (the same, a tenth of the values missing), categories (binary; four columns of 20 to 2000
words beside six numbers), multiclass (5 classes), regression. The target is `y`: a class's number, or a value.
"""
import json, sys
from pathlib import Path
import numpy as np, pyarrow as pa

folder, kind, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
features = int(sys.argv[4]) if len(sys.argv) > 4 else 28
random = np.random.default_rng(7)
count = rows + rows // 4

def numbers(width):
    """Half normal, a quarter skewed, a quarter of 40 different values."""
    x = random.standard_normal((count, width))
    for at in range(width):
        if at % 4 == 2: x[:, at] = np.exp(x[:, at])
        if at % 4 == 3: x[:, at] = np.floor(random.random(count) * 40)
    return x.astype(np.float32).astype(np.float64)

def bumpy(x):
    """A score with products, steps and waves of the first columns."""
    z = (x - x.mean(0)) / x.std(0)
    at = lambda k: z[:, k % z.shape[1]]
    return (at(0) * at(1) + 1.5 * np.sin(2 * at(4)) + at(5) * (at(2) > 0) + 0.8 * (at(3) > 0.5) - 0.5 * at(8) ** 2
            + 0.7 * np.abs(at(9)) + 0.6 * at(12) * (at(13) > at(16)) + 0.3 * at(6))

def drawn(score, steepness=1.5): return (random.random(count) < 1 / (1 + np.exp(-steepness * (score - np.median(score))))).astype(np.int64)

def categories():
    x, columns, score = numbers(6), {}, 0
    for at, words in enumerate([20, 100, 500, 2000]):
        code = np.minimum((random.pareto(1.2, count) * words / 12).astype(int), words - 1)
        score = score + random.standard_normal(words)[code]
        columns[f"c{at}"] = pa.array([f"w{at}_{each}" for each in code])
    return {**named(x), **columns}, drawn(score + bumpy(x)), "binary", 2

def named(x): return {f"f{at}": x[:, at] for at in range(x.shape[1])}

def table():
    if kind == "categories": return categories()
    x = numbers(features)
    if kind == "regression": return named(x), bumpy(x) * 2 + 5 + random.standard_normal(count), "regression", 0
    if kind == "multiclass":
        scores = np.stack([bumpy(np.roll(x, 3 * k, axis=1)) for k in range(5)], 1) + random.gumbel(size=(count, 5)) * 0.7
        return named(x), scores.argmax(1), "multiclass", 5
    y = drawn(bumpy(x))
    if kind == "missing": x[random.random(x.shape) < 0.1] = np.nan
    elif kind != "numeric": raise SystemExit(f"no kind {kind}; there are numeric, missing, categories, multiclass, regression")
    return named(x), y, "binary", 2

columns, y, task, classes = table()
whole = pa.table({**columns, "y": y})
folder.mkdir(parents=True, exist_ok=True)
for side, part in {"train": whole.slice(0, rows), "test": whole.slice(rows)}.items():
    with pa.ipc.new_file(str(folder / f"{side}.arrow"), whole.schema) as file: file.write_table(part, max_chunksize=65536)
told = {"target": "y", "inputs": list(columns), "task": task, "classes": classes, "rows": rows, "test_rows": count - rows}
(folder / "table.json").write_text(json.dumps(told))
print(json.dumps(told))
