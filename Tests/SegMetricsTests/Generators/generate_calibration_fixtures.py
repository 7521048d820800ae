"""Writes calibration.json, temperatures.json and ranking.json: python3 generate_calibration_fixtures.py

Oracles: torchmetrics (1.9) for the calibration errors by bins closed at the left, scikit-learn (1.9) for calibration curves,
areas under curves and the Brier score, SciPy (1.17) for temperatures, in 64-bit floats. What is left out by these, the
errors from scikit-learn's bins, is spelled out. NaN is written as null.
"""

import math
import warnings

import numpy as np
import torch
from fixture_files import write
from scipy import optimize, special
from sklearn import metrics
from sklearn.calibration import calibration_curve
from torchmetrics.functional.classification import (
    binary_auroc,
    binary_average_precision,
    binary_calibration_error,
    binary_sensitivity_at_specificity,
    binary_specificity_at_sensitivity,
)

warnings.filterwarnings("ignore")
random = np.random.default_rng(20253)


def samples():
    for count in (1, 2, 7, 60, 150):
        probabilities = np.round(random.random(count), 4)
        yield probabilities, random.random(count) < probabilities
    # On the edges of the bins, where closing at the left or at the right decides.
    edges = np.repeat(np.arange(21) / 20, 4)
    yield edges, random.random(edges.size) < edges
    yield np.array([0.0, 0.0, 1.0, 1.0, 1.0]), np.array([False, True, True, True, False])
    yield np.full(9, 0.3), np.arange(9) < 3
    tied = np.round(random.random(80), 1)
    yield tied, random.random(80) < 0.4
    sure = np.round(special.expit(random.normal(0, 6, 90)), 5)
    yield sure, random.random(90) < 0.5 + 0.4 * (sure - 0.5)
    yield np.round(random.random(30), 4), np.ones(30, bool)
    yield np.round(random.random(30), 4), np.zeros(30, bool)


def curve(probabilities, labels, count, strategy):
    frequency, mean = calibration_curve(labels, probabilities, n_bins=count, strategy=strategy, pos_label=True)
    return {"frequencies": frequency, "means": mean}


def errors(probabilities, labels, count, strategy):
    """From the bins' definition: right-closed, the edges as scikit-learn has them."""
    shares = np.linspace(0, 1, count + 1)
    edges = shares if strategy == "uniform" else np.percentile(probabilities, shares * 100)
    bins = np.searchsorted(edges[1:-1], probabilities)
    gaps = [(abs(labels[bins == bin].mean() - probabilities[bins == bin].mean()), (bins == bin).mean()) for bin in set(bins)]
    return [sum(gap * share for gap, share in gaps), max(gap for gap, _ in gaps)]


def calibration():
    for probabilities, labels in samples():
        scores, targets = torch.tensor(probabilities, dtype=torch.float64), torch.tensor(labels.astype(int))
        rows = []
        for count in (1, 10, 15):
            rows.append(
                {
                    "count": count,
                    "torchmetrics": [
                        binary_calibration_error(scores, targets, n_bins=count, norm=norm) for norm in ("l1", "max")
                    ],
                    "uniform": curve(probabilities, labels, count, "uniform"),
                    "quantile": curve(probabilities, labels, count, "quantile"),
                    "uniformErrors": errors(probabilities, labels, count, "uniform"),
                    "quantileErrors": errors(probabilities, labels, count, "quantile"),
                }
            )
        yield {
            "probabilities": probabilities,
            "labels": labels,
            "brier": metrics.brier_score_loss(labels, probabilities, pos_label=True),
            "binnings": rows,
        }


def temperatures():
    for count, scale, trust in ((5, 1, 0.7), (40, 1, 1), (200, 4, 0.3), (200, 0.2, 5), (100, 30, 0.05), (60, 0.01, 20)):
        logits = np.round(random.normal(0.3 * scale, scale, count), 4)
        labels = random.random(count) < special.expit(trust * logits)
        labels[:2] = [True, False]
        logits[:2] = [-abs(logits[0]), abs(logits[1])]

        def loss(inverse):
            return np.mean(np.logaddexp(0, inverse * logits) - inverse * logits * labels)

        def slope(inverse):
            return np.mean(logits * (special.expit(inverse * logits) - labels))

        low, high = 0.01, 100
        if slope(low) >= 0 or slope(high) <= 0:
            continue
        best = optimize.minimize_scalar(lambda power: loss(math.exp(power)), bounds=(math.log(low), math.log(high)),
                                        method="bounded", options={"xatol": 1e-12})
        # The minimum of a smooth function is found to half the digits; the zero of its slope to all.
        root = optimize.brentq(slope, low, high, xtol=1e-15, rtol=1e-14)
        assert math.isclose(math.exp(best.x), root, rel_tol=1e-5)
        assert loss(root) <= best.fun + 1e-14
        yield {"logits": logits, "labels": labels, "temperature": 1 / root, "minimized": math.exp(-best.x)}


def ranking():
    """Both libraries on scores with ties."""
    for count, digits in ((4, 1), (30, 1), (60, 2), (120, 1), (120, 8)):
        scores = np.round(random.random(count), digits)
        labels = random.random(count) < 0.2 + 0.6 * scores
        labels[:2] = [True, False]
        tensors = torch.tensor(scores, dtype=torch.float64), torch.tensor(labels.astype(int))
        area, precision = metrics.roc_auc_score(labels, scores), metrics.average_precision_score(labels, scores)
        assert math.isclose(binary_auroc(*tensors), area, rel_tol=1e-6)
        assert math.isclose(binary_average_precision(*tensors), precision, rel_tol=1e-6)
        minima = (0.5, 0.8, 0.9, 0.95)
        yield {
            "scores": scores,
            "labels": labels,
            "area": area,
            "averagePrecision": precision,
            "minima": minima,
            "sensitivities": [binary_sensitivity_at_specificity(*tensors, minimum)[0] for minimum in minima],
            "specificities": [binary_specificity_at_sensitivity(*tensors, minimum)[0] for minimum in minima],
        }


write("calibration", calibration())
write("temperatures", temperatures())
write("ranking", ranking())
