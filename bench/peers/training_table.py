"""What a peer needs beside its model to take part in `npm run bench -- training`: the table, the score, the conversation.

`serve(prepare, train)`: `prepare(table)` is called once; then each line of stdin, a job as JSON, is answered by one line with
what `train(prepared, job)` spent on one thread and how good its model is on the test rows. `train` gives a function of the test
rows: the probability of the second class, probabilities of all classes or values.
"""
import json, sys, time
from pathlib import Path
import numpy as np, pyarrow as pa
from pandas.api.types import is_numeric_dtype
from sklearn.metrics import accuracy_score, root_mean_squared_error, roc_auc_score

class Table:
    def __init__(self, folder):
        folder = Path(folder)
        vars(self).update(json.loads((folder / "table.json").read_text()))
        frames = [pa.ipc.open_file(str(folder / f"{side}.arrow")).read_pandas() for side in ["train", "test"]]
        (self.X, self.y), (self.Xt, self.yt) = [(frame[self.inputs], frame[self.target].to_numpy()) for frame in frames]
        self.words = [name for name in self.inputs if not is_numeric_dtype(self.X[name])]

    def score(self, predicted):
        """AUC, accuracy or RMSE."""
        if self.task == "binary": return roc_auc_score(self.yt, predicted)
        if self.task == "multiclass": return accuracy_score(self.yt, np.asarray(predicted).argmax(1))
        return root_mean_squared_error(self.yt, predicted)

def serve(prepare, train):
    began = time.process_time()
    table = Table(sys.argv[1])
    prepared = prepare(table)
    say(dict(ready=True, rows=len(table.X), test_rows=len(table.Xt), prepare_cpu_s=time.process_time() - began))
    for line in sys.stdin:
        job = json.loads(line)
        clock, cpu = time.time(), time.process_time()
        predict = train(prepared, job)
        spent = dict(train_cpu_s=time.process_time() - cpu, train_s=time.time() - clock)
        say(dict(score=table.score(predict(table)), **spent))

def say(answer): print(json.dumps(answer), flush=True)
