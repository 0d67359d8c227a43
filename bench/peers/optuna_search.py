"""Optuna's samplers, for bench/search/minimise.mjs, by lines of stdin, each of which is answered by one: {"begin": {"sampler", "space",
"seed", "objectives"}}, perhaps {"ended": [{"params", "value"}]}, then {"ask": number}, answered with {"params", "cpu_s"}, and {"tell": number, "value"} in any order.
"""
import json, sys, time, warnings
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import CmaEsSampler, GPSampler, NSGAIISampler, RandomSampler, TPESampler

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
SAMPLERS = {
    "random": lambda seed: RandomSampler(seed=seed),
    "tpe": lambda seed: TPESampler(seed=seed),
    "cmaes": lambda seed: CmaEsSampler(seed=seed, warn_independent_sampling=False),
    "nsga2": lambda seed: NSGAIISampler(seed=seed),
    "gp": lambda seed: GPSampler(seed=seed, warn_independent_sampling=False),
}

def distribution(axis):
    if axis["kind"] == "choice":
        return CategoricalDistribution(axis["options"])
    kind = IntDistribution if axis["kind"] == "int" else FloatDistribution
    steps = {} if "step" not in axis else {"step": axis["step"]}
    return kind(axis["low"], axis["high"], log=axis["log"], **steps)

def ask(trial, space):
    params = {}
    # What others depend on stands before them.
    for name, axis in space:
        when = axis.get("when", {})
        if all(params.get(on) in values for on, values in when.items()):
            params[name] = trial._suggest(name, distribution(axis))
    return params

print(json.dumps({"ready": True, "optuna": optuna.__version__}), flush=True)
study, space, trials = None, [], {}
for line in sys.stdin:
    said = json.loads(line)
    answer = {}
    if "begin" in said:
        job = said["begin"]
        sampler, directions = SAMPLERS[job["sampler"]](job["seed"]), ["minimize"] * job["objectives"]
        study, space, trials = optuna.create_study(sampler=sampler, directions=directions), job["space"], {}
    elif "ended" in said:
        for done in said["ended"]:
            kinds = {name: distribution(dict(space)[name]) for name in done["params"]}
            study.add_trial(optuna.trial.create_trial(params=done["params"], distributions=kinds, value=done["value"]))
    elif "ask" in said:
        began = time.process_time()
        trial = trials[said["ask"]] = study.ask()
        answer = {"params": ask(trial, space), "cpu_s": time.process_time() - began}
    else:
        study.tell(trials[said["tell"]], said["value"])
    print(json.dumps(answer), flush=True)
