"""Prints the distances that FamiliarityTests expects: Mahalanobis's, with the covariance of probabilistic principal components.

The covariance is built as a full matrix and inverted, which is another way than the library's. Run: python3 familiarity.py
"""

import numpy as np

IMAGES, CHANNELS, KEPT = 48, 12, 5


def value(image, channel):
    """Rows whose directions have clearly different variances; the same formula stands in the test."""
    return (
        3.0 * np.sin(1.7 * image) * np.cos(0.5 * channel)
        + 1.5 * np.sin(2.9 * image + 1) * np.cos(1.1 * channel + 0.3)
        + 0.8 * np.cos(4.3 * image) * np.sin(0.9 * channel)
        + 0.3 * np.sin(0.77 * image * (channel + 1) + channel)
        + 0.1 * channel
    )


rows = np.array([[value(i, c) for c in range(CHANNELS)] for i in range(IMAGES)])
new = np.array([[value(i + 0.5, c) * (1 + 0.4 * k) for c in range(CHANNELS)] for k, i in enumerate([3, 11, 60, 75])])
mean = rows.mean(0)
values, vectors = np.linalg.eigh(np.cov(rows.T))
order = np.argsort(values)[::-1][:KEPT]
kept, directions = values[order], vectors[:, order]
residual = (values.sum() - kept.sum()) / (CHANNELS - KEPT)
covariance = (directions * (kept - residual)) @ directions.T + residual * np.eye(CHANNELS)
inverse = np.linalg.inv(covariance)
print("variances", [round(float(v), 6) for v in kept], round(float(residual), 6))
print("distances", [round(float(np.sqrt(d @ inverse @ d)), 5) for d in new - mean])
