"""Ray Tune's own work: trials of a trainable that does nothing but report, sampled at random, two at a time.

usage: ray_trivial.py TRIALS [--reuse]      --reuse: trials share their actors (TuneConfig.reuse_actors). Prints one JSON line.
"""
import argparse, json, logging, os, time
os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
import ray
from ray import tune

args = argparse.ArgumentParser()
args.add_argument("trials", type=int); args.add_argument("--reuse", action="store_true")
args = args.parse_args()

def trivial(config):
    tune.report({"value": -(config["x"] - .3) ** 2})

t0 = time.time()
ray.init(num_cpus=2, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
t_start = time.time() - t0
t1 = time.time()
res = tune.Tuner(trivial, param_space={"x": tune.uniform(0, 1)},
    tune_config=tune.TuneConfig(metric="value", mode="max", num_samples=args.trials, reuse_actors=args.reuse),
    run_config=tune.RunConfig(verbose=0)).fit()
t_tune = time.time() - t1
done = sum(1 for r in res if r.error is None)
if done != args.trials: raise SystemExit(f"{done} of {args.trials} trials ended well")
print(json.dumps({"peer": "ray", "trials": done, "start_s": round(t_start, 1), "tune_s": round(t_tune, 2), "trials_per_s": round(done / t_tune, 2)}))
