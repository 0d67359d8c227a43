"""Optuna's samplers, for bench/suites/search.mjs: a search a line of stdin, {"sampler", "space", "seed", "trials"}. Each trial's parameters are a
line of stdout, {"params"}, and its value the next line of stdin; the last line is {"ask_s": seconds of asking and telling, by trial}.
"""
import json, sys, time, warnings
import optuna
from optuna.samplers import CmaEsSampler, GPSampler, RandomSampler, TPESampler

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
SAMPLERS = {
    "random": lambda seed: RandomSampler(seed=seed),
    "tpe": lambda seed: TPESampler(seed=seed),
    "cmaes": lambda seed: CmaEsSampler(seed=seed, warn_independent_sampling=False),
    "gp": lambda seed: GPSampler(seed=seed),
}

def suggest(trial, name, axis):
    if axis["kind"] == "choice":
        return trial.suggest_categorical(name, axis["options"])
    kind = trial.suggest_int if axis["kind"] == "int" else trial.suggest_float
    return kind(name, axis["low"], axis["high"], log=axis["log"])

def ask(trial, space):
    params = {}
    # What others depend on stands before them.
    for name, axis in space:
        when = axis.get("when", {})
        if all(params.get(on) in values for on, values in when.items()):
            params[name] = suggest(trial, name, axis)
    return params

print(json.dumps({"ready": True, "optuna": optuna.__version__}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    study = optuna.create_study(sampler=SAMPLERS[job["sampler"]](job["seed"]))
    took = []
    for _ in range(job["trials"]):
        began = time.perf_counter()
        trial = study.ask()
        params = ask(trial, job["space"])
        took.append(time.perf_counter() - began)
        print(json.dumps({"params": params}), flush=True)
        study.tell(trial, json.loads(sys.stdin.readline())["value"])
    print(json.dumps({"ask_s": took}), flush=True)
