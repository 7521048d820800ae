"""Writes Fixtures/areas.json, which ROCPlacementsTests compares with: python3 generate_area_fixtures.py

Areas of several seeds on the same patients, spelled out with NumPy from the kernel matrix psi(positive, negative), not
from ranks: a mean over seeds is a mean of matrices. The variance is checked against a bootstrap of patients here and
there, tails and quantiles are SciPy's (1.17). NaN is written as null.
"""

import math
import warnings

import numpy as np
from scipy import stats

from fixture_files import write

random = np.random.default_rng(1997)


def kernel(scores, labels):
    """1 where the positive of the row scores above the negative of the column, one half for a tie."""
    return np.heaviside(scores[labels][:, None] - scores[~labels][None, :], 0.5)


def membership(groups, mask):
    """A row for each patient, a column for each case of the class."""
    names = list(dict.fromkeys(groups))
    return (np.array(names)[:, None] == groups[mask][None, :]).astype(float)


def covariance(one, two, of_positives, of_negatives):
    """Obuchowski's (1997) of two areas, given as kernel matrices."""
    m, n = one.shape
    if m == 0 or n == 0:
        return math.nan
    with_positives, with_negatives = np.sum(of_positives.sum(1) > 0), np.sum(of_negatives.sum(1) > 0)
    if with_positives < 2 or with_negatives < 2:
        return math.nan
    patients = len(of_positives)
    rows = [of_positives @ (k - k.mean()) @ np.full(n, 1 / (n * m)) for k in (one, two)]
    columns = [of_negatives @ (k - k.mean()).T @ np.full(m, 1 / (m * n)) for k in (one, two)]
    return (
        with_positives / (with_positives - 1) * rows[0] @ rows[1]
        + with_negatives / (with_negatives - 1) * columns[0] @ columns[1]
        + patients / (patients - 1) * (rows[0] @ columns[1] + columns[0] @ rows[1])
    )


def obuchowski_rockette(areas, cov):
    """F, degrees of freedom, p and bounds from areas[arm][seed] and the covariance of any two of them.

    Spelled out as the two-way table has it, for any number of arms.
    """
    t, r = areas.shape
    if r < 2:
        return [math.nan] * 7
    arms, seeds = range(t), range(r)
    of_arms = r * np.sum((areas.mean(1) - areas.mean()) ** 2) / (t - 1)
    rest = areas - areas.mean(1, keepdims=True) - areas.mean(0) + areas.mean()
    interaction = np.sum(rest**2) / ((t - 1) * (r - 1))
    cov2 = np.mean([cov[i, j, i, l] for i in arms for j in seeds for l in seeds if j != l])
    cov3 = np.mean([cov[i, j, k, l] for i in arms for k in arms for j in seeds for l in seeds if i != k and j != l])
    if math.isnan(cov2):
        return [math.nan] * 5 + [cov2, cov3]
    error = interaction + max(r * (cov2 - cov3), 0)
    freedom = error**2 / (interaction**2 / ((t - 1) * (r - 1)))
    f = of_arms / error
    difference = areas[0].mean() - areas[1].mean()
    margin = stats.t.ppf(0.975, freedom) * math.sqrt(2 * error / r)
    return [f, freedom, stats.f.sf(f, t - 1, freedom), difference - margin, difference + margin, cov2, cov3]


def bootstrapped(k, of_positives, of_negatives, resamples=60_000):
    """The variance of the mean area over resamples of patients."""
    patients = len(of_positives)
    values = []
    for start in range(0, resamples, 2000):
        times = random.multinomial(patients, np.full(patients, 1 / patients), size=min(2000, resamples - start))
        p, n = times @ of_positives, times @ of_negatives
        values.append(np.einsum("sm,sm->s", p @ k, n) / (p.sum(1) * n.sum(1)))
    return np.var(np.concatenate(values), ddof=1)


def case(name, first, second, labels, groups=None, bootstrap=False):
    scores = np.array([first, second])
    labels = np.array(labels, dtype=bool)
    names = np.array(groups if groups is not None else [str(i) for i in range(len(labels))])
    parts = membership(names, labels), membership(names, ~labels)
    kernels = np.array([[kernel(np.asarray(s), labels) for s in arm] for arm in scores])
    seeds = kernels.shape[1]
    has_area = 0 < labels.sum() < len(labels)
    mean = kernels.mean(1)
    warnings.simplefilter("ignore" if not has_area else "default")
    areas = kernels.mean((2, 3)) if has_area else np.full((2, seeds), math.nan)
    matrix = [[covariance(a, b, *parts) for b in mean] for a in mean]
    variance = covariance(mean[0] - mean[1], mean[0] - mean[1], *parts)
    difference = areas[0].mean() - areas[1].mean()
    z = difference / math.sqrt(variance) if variance > 0 else math.nan
    margin = stats.norm.ppf(0.975) * math.sqrt(variance)
    cov = np.array(
        [[[[covariance(kernels[i, j], kernels[k, l], *parts) for l in range(seeds)] for k in (0, 1)] for j in range(seeds)] for i in (0, 1)]
    )
    return {
        "name": name,
        "first": scores[0],
        "second": scores[1],
        "labels": labels,
        "groups": groups,
        "areas": areas.mean(1),
        "covariance": np.ravel(matrix),
        "test": [difference, z, 2 * stats.norm.sf(abs(z)), difference - margin, difference + margin],
        "acrossSeeds": obuchowski_rockette(areas, cov),
        "bootstrapVariances": [bootstrapped(k, *parts) for k in (mean[0], mean[0] - mean[1])] if bootstrap else None,
    }


def study(patients, lesions, seeds, separation=(1.0, 0.6), digits=3):
    """Patients of one to `lesions` lesions that share a part of their difficulty and tend to be of one class."""
    groups, labels = [], []
    for patient in range(patients):
        tends = random.random() < 0.45
        for _ in range(random.integers(1, lesions + 1)):
            groups.append(f"p{patient}")
            labels.append(bool(tends if random.random() < 0.8 else not tends))
    names = list(dict.fromkeys(groups))
    shared = random.normal(size=len(names))[[names.index(g) for g in groups]]
    own = random.normal(size=len(groups))
    arms = []
    for apart in separation:
        habit = random.normal(size=len(groups))
        arms.append(
            [
                np.round((apart + 0.2 * random.normal()) * np.array(labels) + 0.7 * shared + 0.7 * own + 0.5 * habit + 0.5 * random.normal(size=len(groups)), digits)
                for _ in range(seeds)
            ]
        )
    return arms[0], arms[1], labels, groups


def cases():
    yield case("clustered, three seeds", *study(40, 3, 3))
    yield case("clustered, one seed", *study(30, 4, 1))
    yield case("clustered, ties, two seeds", *study(30, 3, 2, digits=0))
    first, second, labels, _ = study(50, 1, 4)
    yield case("a lesion a patient, four seeds", first, second, labels)
    first, second, labels, _ = study(25, 2, 1)
    yield case("without patients, one seed", first, second, labels)
    first, _, labels, groups = study(20, 2, 3)
    shifted = [np.round(first[seed - 1] + 0.2 * random.normal(size=len(labels)), 3) for seed in range(3)]
    yield case("Cov3 above Cov2", first, shifted, labels, groups)
    few = [[0.1, 0.7, 0.4, 0.6], [0.3, 0.9, 0.2, 0.1]]
    yield case("one class", few, few[::-1], [True] * 4)
    yield case("a single patient", few, few[::-1], [True, False, True, False], ["a"] * 4)
    yield case("one patient with positives", few, few[::-1], [True, False, True, False], ["a", "b", "a", "c"])
    yield case("bootstrapped", *study(220, 3, 3, digits=2), bootstrap=True)


if __name__ == "__main__":
    made = list(cases())
    for item in made:
        if item["bootstrapVariances"]:
            difference = item["test"]
            print("bootstrap", item["bootstrapVariances"], item["covariance"][0], (difference[0] / difference[1]) ** 2)
    write("areas", made)
