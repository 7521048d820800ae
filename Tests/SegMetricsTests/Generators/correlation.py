"""Writes Fixtures/correlation.json, which CorrelationTests compares with: python3 correlation.py

Pearson's and Spearman's correlations are SciPy's (1.17). Lin's concordance correlation is spelled out from its definition
with NumPy. NaN is written as null.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
from scipy import stats

warnings.filterwarnings("ignore")
FIXTURE = Path(__file__).resolve().parent.parent / "Fixtures" / "correlation.json"
random = np.random.default_rng(20252)


def concordance(a, b):
    spread = np.var(a) + np.var(b) + (np.mean(a) - np.mean(b)) ** 2
    return 2 * np.cov(a, b, bias=True)[0, 1] / spread if spread > 0 else math.nan


def samples():
    for count in (2, 3, 7, 60):
        first = random.random(count)
        yield first, random.random(count)
        yield first, 0.6 * first + 0.2 + 0.1 * random.normal(size=count)
        yield first, -2 * first + 5
        yield random.integers(0, 4, count) / 4, random.integers(0, 4, count) / 4
    same = random.random(5)
    yield same, same
    yield same, same + 0.3
    yield same, np.full(5, 0.1)
    yield np.full(5, 0.1), np.full(5, 0.1)
    yield np.full(5, 0.1), np.full(5, 0.7)
    yield np.array([0.3]), np.array([0.3])
    yield 1e6 + same, 1e6 + same**2


def plain(value):
    return float(value) if math.isfinite(value) else None


cases = []
for first, second in samples():
    enough = len(first) > 1
    cases.append(
        {
            "first": first.tolist(),
            "second": second.tolist(),
            "pearson": plain(stats.pearsonr(first, second).statistic) if enough else None,
            "spearman": plain(stats.spearmanr(first, second).statistic) if enough else None,
            "concordance": plain(concordance(first, second)),
        }
    )
FIXTURE.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
