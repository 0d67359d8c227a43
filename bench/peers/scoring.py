"""What the peers of `npm run bench -- predict` share: the model in ONNX Runtime, the table's columns, the line that is printed."""
import functools, glob, json, os, sys, time
import numpy as np, onnxruntime as ort

began = time.time()
COLUMNS = [f"f{i}" for i in range(28)]
BATCH = 8192

class Scorer:
    """A session on `threads` threads. Takes the columns as a float32 matrix, gives the probability of a row's being 1."""

    def __init__(self, model, threads):
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.output = self.session.get_outputs()[-1].name

    def __call__(self, matrix):
        parts = (self.session.run([self.output], {"X": matrix[at:at + BATCH]})[0][:, -1] for at in range(0, len(matrix), BATCH))
        return np.concatenate(list(parts)) if len(matrix) else np.empty(0, "float32")

@functools.cache
def scorer(model):
    """One a process."""
    return Scorer(model, threads=1)

def files(folder):
    return sorted(glob.glob(f"{folder}/*"))

def arguments():
    """FOLDER FORMAT MODEL OUT"""
    folder, format, model, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    return folder, format, model, out

def say(peer, started, ended, rows):
    """`start_s`: imports and what has to run before a row is read; without the interpreter's own start."""
    print(json.dumps({"peer": peer, "rows": rows, "start_s": round(started - began, 2), "predict_s": round(ended - started, 2)}))
