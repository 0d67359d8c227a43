"""Trainables in Python for Fanfare: on AWS a Lambda function (a container image), on a laptop a file beside the specification.

    from fanfare_trainable import Report, trainable

    @trainable(resource="trees")
    def handler(*, params, seed, trial, data, start, until):
        X, y, _ = data.rows("train")
        ...
        yield Report(resource, value, checkpoint=lambda: ..., model=lambda: ...)

What is asked and answered is JSON (docs/user-code.md, core/contracts/trainable-call.ts); tables, checkpoints and models lie in
S3, or in files. pyarrow, pandas and numpy are needed, boto3 for S3, onnx for `columns_in`.
"""
from __future__ import annotations

import hashlib, json, os, sys, tempfile, threading, time, traceback, urllib.parse, urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Optional, Sequence

import numpy as np, pandas as pd, pyarrow as pa

VERSION = 1
# A checkpoint, a model and the answer are written in this time at the end of an invocation.
RESERVE_MILLIS = 20_000


@dataclass(frozen=True)
class Report:
    """What a trial says after a unit of its resource, or after several."""

    resource: int
    value: float
    checkpoint: Callable[[], bytes]
    # One ONNX file as `columns_in` makes it; a trial without one predicts nothing.
    model: Optional[Callable[[], bytes]] = None
    # More that the trial is told with, by name.
    metrics: Mapping[str, float] = field(default_factory=dict)


class Start(NamedTuple):
    """Where the trial stands: 0 and None at first."""

    resource: int
    checkpoint: Optional[bytes]


class Rows(NamedTuple):
    """Rows that have a label. X: a column an input, in the specification's order. y: float64, the class's index or the number."""

    X: pd.DataFrame
    y: np.ndarray
    weights: Optional[np.ndarray]


class Data:
    """The split table, as the request names it."""

    def __init__(self, given: dict) -> None:
        self.fields = {field["name"]: field["type"] for field in given["fields"]}
        self.inputs: list[str] = given["inputs"]
        self.task: dict = given["task"]
        self._given = given

    @property
    def classes(self) -> list:
        """In the order of the indices in `y` and of a model's probabilities."""
        return self.task["classes"]

    def rows(self, side: str) -> Rows:
        """All rows of `train` or `validation`, kept while the process lives."""
        identity = json.dumps([self._given[key] for key in (side, "inputs", "target", "task", "weight")])
        if _kept.get(side, ("", None))[0] != identity:
            _kept.pop(side, None)
            parts = list(self.batches(side))
            X = pd.concat([part.X for part in parts], ignore_index=True)
            weights = np.concatenate([part.weights for part in parts]) if self._given["weight"] else None
            _kept[side] = (identity, Rows(X, np.concatenate([part.y for part in parts]), weights))
        return _kept[side][1]

    def batches(self, side: str) -> Iterator[Rows]:
        """A partition at a time, for a table that does not fit into memory."""
        for part in self._given[side]:
            table = pa.ipc.open_file(pa.BufferReader(_read(part["uri"]))).read_all()
            labels = _labels(table, self._given["target"], self.task)
            keep = ~np.isnan(labels)
            weight = self._given["weight"]
            weights = table[weight].to_numpy().astype(np.float64)[keep] if weight else None
            frame = pd.DataFrame({name: _column(table[name]) for name in self.inputs})
            yield Rows(frame[keep].reset_index(drop=True), labels[keep], weights)


_kept: dict[str, tuple[str, Any]] = {}


def _column(column: pa.ChunkedArray) -> pd.Series:
    """Strings as objects (None where missing), whole numbers and booleans with missing values as float64."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.to_pandas()


def _labels(table: pa.Table, target: dict, task: dict) -> np.ndarray:
    values = _column(table[target["column"]])
    missing = values.isna().to_numpy()
    if target["kind"] == "above":
        labels = (values > target["above"]).to_numpy(dtype=np.float64)
    elif target["kind"] == "equals":
        labels = (values == target["equals"]).to_numpy(dtype=np.float64)
    elif task["kind"] == "regression":
        labels = values.to_numpy(dtype=np.float64)
    else:
        index = {known: at for at, known in enumerate(task["classes"])}
        labels = np.array([index.get(value, np.nan) for value in values], dtype=np.float64)
    return np.where(missing, np.nan, labels)


TASKS = ("binary", "multiclass", "regression")


def trainable(resource: str = "steps", tasks: Sequence[str] = TASKS):
    """Makes a Lambda handler of a generator of reports; `resource` is what rungs count, `tasks` what it can learn."""

    def decorate(train: Callable[..., Iterator[Report]]):
        def handler(event: dict, context: Any = None) -> dict:
            if event.get("ask") == "describe":
                return {"version": VERSION, "resource": resource, "tasks": list(tasks)}
            remaining = context.get_remaining_time_in_millis if context else _countdown(event["remaining"])
            return _train(train, event, remaining)

        return handler

    return decorate


def _countdown(millis: float) -> Callable[[], float]:
    end = time.monotonic() + millis / 1000
    return lambda: (end - time.monotonic()) * 1000


def _train(train: Callable[..., Iterator[Report]], event: dict, remaining: Callable[[], float]) -> dict:
    came = event["from"]
    start = Start(came["resource"], _read(came["checkpoint"]) if came["checkpoint"] else None)
    reports = train(
        params=event["params"], seed=event["seed"], trial=event["trial"], data=Data(event["data"]), start=start, until=event["until"]
    )
    last: Optional[Report] = None
    for last in reports:
        if last.resource >= event["until"] or remaining() < RESERVE_MILLIS:
            break
    else:
        if last is None:
            raise ValueError(f"train ended without a report (it was to go from {start.resource} to {event['until']})")
    ended = last.resource < event["until"] and remaining() >= RESERVE_MILLIS
    answer = {"resource": int(last.resource), "value": float(last.value), "ended": ended}
    answer["metrics"] = {name: float(value) for name, value in last.metrics.items()}
    answer["checkpoint"] = _write(event["write"]["checkpoint"], last.checkpoint())
    answer["model"] = _write(event["write"]["model"], last.model()) if last.model else None
    return answer


def _read(uri: str) -> bytes:
    place = urllib.parse.urlparse(uri)
    if place.scheme == "s3":
        return _s3().get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))["Body"].read()
    return Path(urllib.request.url2pathname(place.path)).read_bytes()


def _write(uri: str, content: bytes) -> dict:
    place = urllib.parse.urlparse(uri)
    if place.scheme == "s3":
        _s3().put_object(Bucket=place.netloc, Key=place.path.lstrip("/"), Body=content)
    else:
        path = Path(urllib.request.url2pathname(place.path))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _s3():
    global _client
    if _client is None:
        import boto3

        _client = boto3.client("s3")
    return _client


_client = None


def columns_in(model, data: Data) -> bytes:
    """
    A model that skl2onnx made, with an input [None, 1] a column and ZipMap off, as Fanfare predicts with one: a vector
    input a column; `probability` and `label`, or `prediction`, out.
    """
    from onnx import checker

    _rename(model.graph, {port.name: f"{port.name}_inner" for port in [*model.graph.input, *model.graph.output]})
    _take_vectors(model.graph)
    _give_outputs(model.graph, data)
    checker.check_model(model)
    return model.SerializeToString()


def _rename(graph, names: dict[str, str]) -> None:
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]


def _take_vectors(graph) -> None:
    from onnx import helper

    nodes = []
    for port in graph.input:
        nodes.append(helper.make_node("Unsqueeze", [port.name, _integers(graph, "fanfare_axis", [1])], [f"{port.name}_inner"]))
        port.CopyFrom(helper.make_tensor_value_info(port.name, port.type.tensor_type.elem_type, ["N"]))
    nodes.extend(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def _give_outputs(graph, data: Data) -> None:
    from onnx import TensorProto, helper

    inner = [f"{port.name}_inner" for port in graph.output]
    if data.task["kind"] == "regression":
        graph.node.append(helper.make_node("Reshape", [inner[0], _integers(graph, "fanfare_flat", [-1])], ["prediction"]))
        ports = [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["N"])]
    else:
        graph.node.append(helper.make_node("Identity", inner[:1], ["label"]))
        label = helper.make_tensor_value_info("label", graph.output[0].type.tensor_type.elem_type, ["N"])
        if data.task["kind"] == "binary":
            graph.node.append(helper.make_node("Gather", [inner[1], _integers(graph, "fanfare_second", 1)], ["probability"], axis=1))
        else:
            graph.node.append(helper.make_node("Identity", inner[1:2], ["probability"]))
        width = [] if data.task["kind"] == "binary" else [len(data.classes)]
        ports = [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["N", *width]), label]
    del graph.output[:]
    graph.output.extend(ports)


def _integers(graph, name: str, values) -> str:
    from onnx import numpy_helper

    if all(known.name != name for known in graph.initializer):
        graph.initializer.append(numpy_helper.from_array(np.array(values, dtype=np.int64), name))
    return name


def serve(module: str) -> None:
    """A process of Fanfare's local engine: each line of stdin is an event for the module's `handler`, each line of stdout its answer."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a trainable prints is a log
    threading.Thread(target=_die_with_parent, args=(os.getppid(),), daemon=True).start()
    namespace = None
    for line in sys.stdin:
        try:
            namespace = namespace or _load(module)
            answer = {"answer": namespace["handler"](json.loads(line))}
        except Exception as error:  # what Lambda answers for a function that throws
            answer = {"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": traceback.format_tb(error.__traceback__)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _load(module: str) -> dict:
    source = Path(module).read_text(encoding="utf-8")
    name = source.rpartition("# fanfare-file: ")[2].strip() if "# fanfare-file: " in source else module
    namespace = {"__name__": "fanfare_user_trainable", "__file__": module}
    exec(compile(source, name, "exec"), namespace)
    if not callable(namespace.get("handler")):
        raise TypeError("it defines no handler: write @trainable(...) def handler(...)")
    return namespace


def _die_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    # The module imports this file by its name, and is to find this very module.
    sys.modules["fanfare_trainable"] = sys.modules["__main__"]
    serve(sys.argv[1])
