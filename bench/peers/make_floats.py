"""A table of 28 float columns and an id, as Parquet or as CSV: the same rows, in files of 2**20 rows.

usage: make_floats.py FOLDER csv|parquet ROWS      Writes FOLDER/*.csv or FOLDER/*.parquet.

The values are float32, normally distributed; in CSV each has the fewest digits that give it back, which are 6 to 9 that count.
Parquet has groups of 2**18 rows and is compressed with snappy; without dictionaries, by which values that do not recur only grow.
"""
import os, sys
import numpy as np, pyarrow as pa, pyarrow.csv as csv, pyarrow.parquet as pq

folder, format, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
COLUMNS, FILE_ROWS, GROUP_ROWS = 28, 2**20, 2**18

os.makedirs(folder, exist_ok=True)
for file, first in enumerate(range(0, rows, FILE_ROWS)):
    count = min(FILE_ROWS, rows - first)
    values = np.random.default_rng(file).standard_normal((COLUMNS, count), dtype="float32")
    table = pa.table({"id": np.arange(first, first + count), **{f"f{i}": values[i] for i in range(COLUMNS)}})
    if format == "csv": csv.write_csv(table, f"{folder}/{file:03}.csv")
    else: pq.write_table(table, f"{folder}/{file:03}.parquet", row_group_size=GROUP_ROWS, use_dictionary=False)
# Whoever is measured first would have it written to the disk meanwhile.
os.sync()
