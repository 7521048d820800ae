"""Times the metrics of Python's libraries on masks in files; MetricBenchmarks starts it and says what to run.

python metric_peers.py FOLDER COUNT SIZE. Every library gets the masks as it likes them best, made beforehand: NumPy arrays of
bool, or tensors. Threads are as the libraries choose.
"""

import json
import math
import os
import platform
import sys
import time
import warnings
from importlib.metadata import version

import cv2
import numpy as np
import surface_distance
import torch
from medpy.metric import binary
from monai import metrics as monai
from scipy import ndimage, optimize, special
from sklearn import metrics as sklearn_metrics
from sklearn.calibration import calibration_curve
from torchmetrics.functional import classification as torchmetrics

warnings.filterwarnings("ignore")
folder, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
predictions, references = (
    np.fromfile(os.path.join(folder, f"{name}.raw"), np.uint8).reshape(count, size, size).astype(bool)
    for name in ("prediction", "reference")
)
scores = np.array(json.loads(sys.stdin.readline()))
labels = np.array(json.loads(sys.stdin.readline()))


def medpy(function):
    return "medpy", lambda i: function(predictions[i], references[i])


def on_tensors(name, function):
    return name, lambda i: function(prediction_tensors[i], reference_tensors[i])


prediction_tensors = torch.tensor(predictions)[:, None, None]
reference_tensors = torch.tensor(references)[:, None, None]


def of_monai(function, *arguments, **options):
    return on_tensors("MONAI", lambda p, r: float(function(p, r, *arguments, include_background=True, **options)))


def of_torchmetrics(function, **options):
    return on_tensors("torchmetrics", lambda p, r: float(function(p, r, **options)))


def of_surface_distance(read):
    return "surface-distance", lambda i: read(
        surface_distance.compute_surface_distances(references[i], predictions[i], (1, 1))
    )


def rim(mask, radius):
    """As the authors of the boundary IoU publish it."""
    mask = mask.view(np.uint8)
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return mask - cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=radius)[1:-1, 1:-1]


def boundary_iou(i):
    radius = max(1, int(round(0.02 * math.hypot(size, size))))
    first, second = rim(predictions[i], radius), rim(references[i], radius)
    return ((first * second) > 0).sum() / ((first + second) > 0).sum()


def detection(i):
    structure = np.ones((3, 3))
    first, predicted = ndimage.label(predictions[i], structure)
    second, actual = ndimage.label(references[i], structure)
    shared = (first > 0) & (second > 0)
    used, found = len(np.unique(first[shared])), len(np.unique(second[shared]))
    return found + 2 * (predicted - used) + 4 * (actual - found)


def temperature(scores, labels):
    logits = 2 * special.logit(scores)
    loss = lambda power: np.mean(np.logaddexp(0, logits * np.exp(power)) - logits * np.exp(power) * labels)
    return math.exp(-optimize.minimize_scalar(loss, bounds=(math.log(0.01), math.log(100)), method="bounded").x)


hausdorff95 = [
    of_monai(monai.compute_hausdorff_distance, percentile=95),
    medpy(binary.hd95),
    of_surface_distance(lambda lists: surface_distance.compute_robust_hausdorff(lists, 95)),
]
surface_dice = [
    of_monai(monai.compute_surface_dice, [2.0]),
    of_surface_distance(lambda lists: surface_distance.compute_surface_dice_at_tolerance(lists, 2)),
]
one_way = lambda p, r: float(monai.compute_average_surface_distance(p, r, include_background=True))
per_pair = {
    "Dice": [
        medpy(binary.dc),
        of_monai(monai.compute_dice),
        of_torchmetrics(torchmetrics.binary_f1_score),
        ("surface-distance", lambda i: surface_distance.compute_dice_coefficient(references[i], predictions[i])),
    ],
    "IoU": [medpy(binary.jc), of_monai(monai.compute_iou), of_torchmetrics(torchmetrics.binary_jaccard_index)],
    "sensitivity": [medpy(binary.sensitivity), of_torchmetrics(torchmetrics.binary_recall)],
    "specificity": [medpy(binary.specificity), of_torchmetrics(torchmetrics.binary_specificity)],
    "precision": [medpy(binary.precision), of_torchmetrics(torchmetrics.binary_precision)],
    "all five overlap metrics": [
        medpy(lambda p, r: sum(f(p, r) for f in (binary.dc, binary.jc, binary.sensitivity, binary.specificity, binary.precision)))
    ],
    "HD": [
        of_monai(monai.compute_hausdorff_distance),
        medpy(binary.hd),
        of_surface_distance(lambda lists: surface_distance.compute_robust_hausdorff(lists, 100)),
    ],
    "HD95, MONAI's": hausdorff95,
    "HD95, medpy's": hausdorff95,
    "HD95, surface-distance's": hausdorff95,
    "ASSD": [
        of_monai(monai.compute_average_surface_distance, symmetric=True),
        medpy(binary.assd),
        of_surface_distance(lambda lists: np.mean(surface_distance.compute_average_surface_distance(lists))),
    ],
    "MASD": [
        on_tensors("MONAI", lambda p, r: (one_way(p, r) + one_way(r, p)) / 2),
        medpy(lambda p, r: (binary.asd(p, r) + binary.asd(r, p)) / 2),
        of_surface_distance(lambda lists: np.mean(surface_distance.compute_average_surface_distance(lists))),
    ],
    "NSD, MONAI's": surface_dice,
    "NSD, surface-distance's": surface_dice,
    "boundary IoU": [("OpenCV and NumPy", boundary_iou)],
    "distance transform": [("SciPy", lambda i: ndimage.distance_transform_edt(~references[i])[0, 0])],
    "lesion detection": [("SciPy and NumPy", detection)],
}
per_set = {
    "AUROC": {
        "scikit-learn": lambda s, l, *_: sklearn_metrics.roc_auc_score(l, s),
        "torchmetrics": lambda s, l, *t: float(torchmetrics.binary_auroc(*t)),
    },
    "AUPRC": {
        "scikit-learn": lambda s, l, *_: sklearn_metrics.average_precision_score(l, s),
        "torchmetrics": lambda s, l, *t: float(torchmetrics.binary_average_precision(*t)),
    },
    "sensitivity at 90 % specificity": {
        "torchmetrics": lambda s, l, *t: float(torchmetrics.binary_sensitivity_at_specificity(*t, 0.9)[0]),
    },
    "Brier": {"scikit-learn": lambda s, l, *_: sklearn_metrics.brier_score_loss(l, s)},
    "ECE, torchmetrics'": {
        "torchmetrics": lambda s, l, *t: float(torchmetrics.binary_calibration_error(*t, n_bins=15)),
    },
    "calibration curve": {"scikit-learn": lambda s, l, *_: calibration_curve(l, s, n_bins=10)[0].sum()},
    "temperature": {"SciPy": lambda s, l, *_: temperature(s, l)},
}


class Stopwatch:
    """Time on the clock or of all the process's threads, whichever is less, as on the other side."""

    def __init__(self):
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def seconds(self):
        return min(time.perf_counter() - self.wall, time.process_time() - self.processor)


def first_calls(function, index):
    """The better of two, after one to warm up."""
    function(index)
    times = []
    for _ in range(2):
        stopwatch = Stopwatch()
        function(index)
        times.append(stopwatch.seconds())
    return min(times)


def measured(function, indices, repeats):
    stopwatch, total = Stopwatch(), 0.0
    for index in indices:
        for _ in range(repeats):
            value = function(index)
        total += float(np.nan_to_num(value))
    return {"seconds": stopwatch.seconds() / repeats / len(indices), "sum": total}


done = {}


def run(name, first, last, repeats):
    if name in per_set:
        s, l = scores[first:last], labels[first:last]
        tensors = torch.tensor(s), torch.tensor(l.astype(int))
        calls = {peer: lambda _, call=call: call(s, l, *tensors) for peer, call in per_set[name].items()}
        return {peer: {**measured(call, [0], repeats), "step": 1} for peer, call in calls.items() if call(0) is not None}
    peers = per_pair[name]
    # Metrics of the same peers share their time: what they compute is the same.
    key = (id(peers), first)
    if key not in done:
        trial = {peer: first_calls(function, first) for peer, function in peers}
        # What is ten times as slow as the fastest is not it, and a hundred times even less so.
        slowness = {peer: taken / min(trial.values()) for peer, taken in trial.items()}
        steps = {peer: 1 if times < 10 else 10 if times < 100 else 100 for peer, times in slowness.items()}
        done[key] = {
            peer: {**measured(function, range(first, last, steps[peer]), repeats), "step": steps[peer]}
            for peer, function in peers
        }
    return done[key]


def versions():
    names = ("monai", "medpy", "surface-distance", "torchmetrics", "scikit-learn", "scipy", "numpy", "torch")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    with open("/proc/cpuinfo") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{libraries}; {(models or [platform.machine()])[0]}, {os.cpu_count()} processors"


answers, sys.stdout = sys.stdout, sys.stderr
print("ready", file=answers, flush=True)
for line in sys.stdin:
    first, last, repeats, name = line.strip().split(" ", 3)
    answer = versions() if name == "versions" else json.dumps(run(name, int(first), int(last), int(repeats)))
    print(answer, file=answers, flush=True)
