"""Writes Fixtures/boundaries.json, metrics of boundaries in px and mm: python3 boundaries.py

Oracles: SciPy (1.17) for the distances between edge pixels, by the definitions of MONAI and medpy as spelled out here, and
DeepMind's surface-distance (0.1) for those of contours. `pip install numpy scipy surface-distance`
"""

import json
import pathlib

import numpy as np
import surface_distance
from scipy import ndimage

np.Inf = np.inf  # surface-distance 0.1 says it NumPy 1's way.
SIDE = 24
TOLERANCES = {"px": 2.0, "mm": 0.35}
random = np.random.default_rng(20261)


def ellipse(y, x, b, a):
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return ((columns - x) / a) ** 2 + ((rows - y) / b) ** 2 <= 1


def edges(mask):
    return mask & ~ndimage.binary_erosion(mask)


def directed(prediction, truth, spacing):
    """Distances from each one's edge pixels to the other's; spacing is (height, width) of a pixel."""
    first, second = edges(prediction), edges(truth)
    to_second = ndimage.distance_transform_edt(~second, sampling=spacing)
    to_first = ndimage.distance_transform_edt(~first, sampling=spacing)
    return to_second[first], to_first[second]


def measured(prediction, truth, spacing, tolerance):
    forth, back = directed(prediction, truth, spacing)
    pooled = np.concatenate([forth, back])
    lists = surface_distance.compute_surface_distances(truth, prediction, spacing)
    return {
        "monai": max(np.percentile(forth, 95), np.percentile(back, 95)),
        "medpy": np.percentile(pooled, 95),
        "surface-distance": surface_distance.compute_robust_hausdorff(lists, 95),
        "assd": pooled.mean(),
        "nsdOfEdges": (pooled <= tolerance).mean(),
        "nsdOfContours": surface_distance.compute_surface_dice_at_tolerance(lists, tolerance),
    }


cases = []
for x, y in [(0.1, 0.3), (0.3, 0.1), (0.073, 0.2), (0.15, 0.15)]:
    center = random.uniform(9, 14, 2)
    truth = ellipse(*center, *random.uniform(4, 7, 2))
    prediction = ellipse(*(center + random.uniform(-2, 2, 2)), *random.uniform(3.5, 7.5, 2))
    prediction[2:4, 18:21] = True
    cases.append(
        {
            "spacing": [x, y],
            "prediction": ["".join("#" if pixel else "." for pixel in row) for row in prediction],
            "truth": ["".join("#" if pixel else "." for pixel in row) for row in truth],
            "px": measured(prediction, truth, (1, 1), TOLERANCES["px"]),
            "mm": measured(prediction, truth, (y, x), TOLERANCES["mm"]),
        }
    )
file = pathlib.Path(__file__).resolve().parents[1] / "Fixtures" / "boundaries.json"
file.write_text(json.dumps({"tolerances": TOLERANCES, "cases": cases}, indent=1) + "\n")
