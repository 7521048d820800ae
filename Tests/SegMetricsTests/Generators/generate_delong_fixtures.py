"""Writes delong-libraries.json: python3 generate_delong_fixtures.py

Oracles: MLstatkit (0.1) for DeLong's test of two areas and their intervals, scikit-learn (1.9) for the areas. NaN is
written as null.
"""

import numpy as np
from fixture_files import write
from MLstatkit import Delong_test
from sklearn.metrics import roc_auc_score

random = np.random.default_rng(20253)

# Positives, negatives, the scores' decimals (few for ties), and how much the second score has of the first.
SHAPES = [
    (10, 10, 6, 0.0), (16, 20, 6, 0.5), (16, 20, 1, 0.5), (60, 90, 6, 0.8), (60, 90, 1, 0.8), (12, 150, 4, 0.9),
    (150, 12, 4, 0.9), (40, 40, 0, 0.3), (200, 200, 6, 0.95), (3, 3, 6, 0.2),
]


def cases():
    for positives, negatives, decimals, shared in SHAPES:
        labels = random.permutation(np.repeat([True, False], [positives, negatives]))
        first = random.normal(size=labels.size) + labels
        second = shared * first + (1 - shared) * (random.normal(size=labels.size) + 0.7 * labels)
        first, second = np.round(first, decimals), np.round(second, decimals)
        z, p, first_interval, second_interval, first_area, second_area, info = Delong_test(labels, first, second)
        assert info["method"] == "delong", info
        assert abs(first_area - roc_auc_score(labels, first)) < 1e-12
        assert abs(second_area - roc_auc_score(labels, second)) < 1e-12
        yield {
            "first": first,
            "second": second,
            "labels": labels,
            "areas": [first_area, second_area],
            # MLstatkit tests the second less the first.
            "zStatistic": -z,
            "pValue": p,
            "intervals": [*first_interval, *second_interval],
        }


write("delong-libraries", cases())
