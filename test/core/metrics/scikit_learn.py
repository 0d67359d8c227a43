"""What scikit-learn gives for the cases of a JSON file: cases in, a dictionary of metrics a case out; null where it has none."""

import json
import sys
import warnings

import numpy as np
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")


def calibration_error(right, confidence, weight, bins=15):
    """By scikit-learn's bins, which calibration_curve does not weigh."""
    edges = np.linspace(0, 1, bins + 1)
    places = np.searchsorted(edges[1:-1], confidence)
    apart = sum(
        abs(np.sum(weight[places == at] * (right[places == at] - confidence[places == at]))) for at in range(bins)
    )
    if np.all(weight == 1):
        true, predicted = calibration_curve(right, confidence, n_bins=bins)
        counts = np.bincount(places, minlength=bins)
        counts = counts[counts > 0]
        assert abs(np.sum(counts * np.abs(true - predicted)) - apart) < 1e-9
    return apart / np.sum(weight)


def ranked(metric, truth, scores, weight):
    """One class against the rest; None where it is undefined."""
    if not np.any(truth * weight > 0) or (metric is sk.roc_auc_score and not np.any((1 - truth) * weight > 0)):
        return None
    return metric(truth, scores, sample_weight=weight)


def classes(case, y, p, w):
    count = case["classes"]
    near = np.clip(p, 2.0**-23, 1 - 2.0**-23)
    if count == 2:
        guess = (p > 0.5).astype(int)
        one, near = p, np.stack([1 - near, near], axis=1)
        confidence, right = p, y
        auc, precision = (ranked(m, y, p, w) for m in (sk.roc_auc_score, sk.average_precision_score))
    else:
        guess = p.argmax(axis=1)
        one = p
        confidence, right = p.max(axis=1), (guess == y).astype(int)
        auc, precision = (
            None if None in each else float(np.mean(each))
            for each in (
                [ranked(m, (y == at).astype(int), p[:, at], w) for at in range(count)]
                for m in (sk.roc_auc_score, sk.average_precision_score)
            )
        )
        if auc is not None:
            assert abs(auc - np.mean(sk.roc_auc_score(np.eye(count)[y], p, average=None, sample_weight=w))) < 1e-12
    labels = list(range(count))
    told = {
        "auc": auc,
        "average_precision": precision,
        "log_loss": sk.log_loss(y, y_proba=near, labels=labels, sample_weight=w),
        "accuracy": sk.accuracy_score(y, guess, sample_weight=w),
        "balanced_accuracy": sk.balanced_accuracy_score(y, guess, sample_weight=w),
        "mcc": sk.matthews_corrcoef(y, guess, sample_weight=w),
        "brier": sk.brier_score_loss(y, one, labels=labels, sample_weight=w)
        if count == 2
        else float(np.average(np.sum((p - np.eye(count)[y]) ** 2, axis=1), weights=w)),
        "calibration_error": calibration_error(right, confidence, w),
    }
    if count == 2:
        both = np.any((y == 1) | (guess == 1))
        told["f1"] = sk.f1_score(y, guess, sample_weight=w) if both else None
        told["precision"] = sk.precision_score(y, guess, sample_weight=w) if np.any(guess == 1) else None
        told["recall"] = sk.recall_score(y, guess, sample_weight=w) if np.any(y == 1) else None
    else:
        told["f1_macro"] = sk.f1_score(y, guess, average="macro", sample_weight=w)
        told["f1_weighted"] = sk.f1_score(y, guess, average="weighted", sample_weight=w)
        if np.allclose(p.sum(axis=1), 1):
            assert abs(told["brier"] - sk.brier_score_loss(y, p, labels=labels, sample_weight=w)) < 1e-12
    return told


def numbers(y, p, w):
    return {
        "rmse": sk.root_mean_squared_error(y, p, sample_weight=w),
        "mae": sk.mean_absolute_error(y, p, sample_weight=w),
        "r2": sk.r2_score(y, p, sample_weight=w) if len(y) > 1 else None,
        "quantile_loss": sk.mean_pinball_loss(y, p, sample_weight=w, alpha=0.5),
        "quantile_loss_0.9": sk.mean_pinball_loss(y, p, sample_weight=w, alpha=0.9),
    }


def told(case):
    y = np.array(case["labels"], dtype=float)
    w = np.ones(len(y)) if case["weights"] is None else np.array(case["weights"])
    # The doubles that the float32 predictions are.
    p = np.array(case["predictions"], dtype=np.float64)
    if case["classes"] == 0:
        return numbers(y, p, w)
    return classes(case, y.astype(int), p if case["classes"] == 2 else p.reshape(len(y), -1), w)


json.dump([told(case) for case in json.load(open(sys.argv[1]))], sys.stdout)
