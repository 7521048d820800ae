"""Prints the values that ChartStatisticsTests expects: calibration by torchmetrics and scikit-learn, agreement by NumPy.

Run by hand: python3 chart_statistics.py
"""

import numpy as np
import torch
from sklearn.calibration import calibration_curve
from torchmetrics.classification import BinaryCalibrationError

# Three decimals, so that the test can spell them out; none on the edge of a bin, where libraries differ.
generator = np.random.default_rng(5)
probabilities = np.round(generator.beta(1.2, 1.5, 60), 3)
probabilities[probabilities * 10 % 1 == 0] += 0.001
labels = generator.random(60) < probabilities**1.5

print("probabilities", probabilities.tolist())
print("labels", labels.astype(int).tolist())
for bins in (10, 4):
    metric = BinaryCalibrationError(n_bins=bins, norm="l1")
    error = metric(torch.tensor(probabilities, dtype=torch.float64), torch.tensor(labels.astype(int)))
    print(f"error, {bins} bins", error.item())
observed, predicted = calibration_curve(labels, probabilities, n_bins=10, strategy="uniform")
print("observed", observed.tolist())
print("predicted", predicted.tolist())

differences = np.array([-3.5, 1.25, 0.0, 2.0, 7.75, -1.0])
bias, deviation = differences.mean(), differences.std(ddof=1)
print("agreement", bias, deviation, bias - 1.96 * deviation, bias + 1.96 * deviation)
