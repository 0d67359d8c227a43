"""What a contender wrote: how many rows, the sum of their ids, the mean of their scores. One JSON line.

usage: read_scores.py FOLDER      Of Parquet files, their columns the id and the score.
"""
import glob, json, sys
import pyarrow.compute as pc, pyarrow.parquet as pq

rows, ids, scores = 0, 0, 0.0
for file in glob.glob(f"{sys.argv[1]}/*.parquet"):
    table = pq.read_table(file)
    id, score = table.columns
    rows, ids, scores = rows + len(table), ids + pc.sum(id).as_py(), scores + pc.sum(pc.cast(score, "float64")).as_py()
print(json.dumps({"rows": rows, "ids": ids, "mean": scores / rows}))
