"""Optuna's samplers, for bench/search/minimise.mjs, by lines of stdin, each of which is answered by one: {"begin": {"sampler", "space",
"seed"}}, then {"ask": number}, answered with {"params"}, and {"tell": number, "value"} in any order.
"""
import json, sys, warnings
import optuna
from optuna.samplers import CmaEsSampler, GPSampler, RandomSampler, TPESampler

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
SAMPLERS = {
    "random": lambda seed: RandomSampler(seed=seed),
    "tpe": lambda seed: TPESampler(seed=seed),
    "cmaes": lambda seed: CmaEsSampler(seed=seed, warn_independent_sampling=False),
    "gp": lambda seed: GPSampler(seed=seed, warn_independent_sampling=False),
}

def suggest(trial, name, axis):
    if axis["kind"] == "choice":
        return trial.suggest_categorical(name, axis["options"])
    kind = trial.suggest_int if axis["kind"] == "int" else trial.suggest_float
    steps = {} if "step" not in axis else {"step": axis["step"]}
    return kind(name, axis["low"], axis["high"], log=axis["log"], **steps)

def ask(trial, space):
    params = {}
    # What others depend on stands before them.
    for name, axis in space:
        when = axis.get("when", {})
        if all(params.get(on) in values for on, values in when.items()):
            params[name] = suggest(trial, name, axis)
    return params

print(json.dumps({"ready": True, "optuna": optuna.__version__}), flush=True)
study, space, trials = None, [], {}
for line in sys.stdin:
    said = json.loads(line)
    answer = {}
    if "begin" in said:
        job = said["begin"]
        study, space, trials = optuna.create_study(sampler=SAMPLERS[job["sampler"]](job["seed"])), job["space"], {}
    elif "ask" in said:
        trial = trials[said["ask"]] = study.ask()
        answer = {"params": ask(trial, space)}
    else:
        study.tell(trials[said["tell"]], said["value"])
    print(json.dumps(answer), flush=True)
