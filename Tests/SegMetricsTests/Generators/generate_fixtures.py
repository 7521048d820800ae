"""Writes the oracle values that SegMetricsTests compares with: python3 generate_fixtures.py

Values come from SciPy (1.17), scikit-learn (1.9) and NumPy, or from a definition spelled out here where no library has
the function. NaN is written as null.
"""

import itertools
import json
import math
import warnings
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics

warnings.filterwarnings("ignore")
FOLDER = Path(__file__).resolve().parent.parent / "Fixtures"
random = np.random.default_rng(20251)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def write(name, value):
    cases = ",\n".join(json.dumps(plain(case), separators=(",", ":")) for case in value)
    (FOLDER / f"{name}.json").write_text(f"[\n{cases}\n]\n")


def overlap():
    cases = []
    for side, density in itertools.product((1, 3, 8), (0.1, 0.5, 0.9)):
        for _ in range(4):
            prediction = (random.random(side * side) < density).astype(int)
            reference = (random.random(side * side) < density).astype(int)
            if prediction.sum() == 0 or reference.sum() == 0:
                prediction[0] = reference[-1] = 1
            nan = {"zero_division": np.nan}
            cases.append(
                {
                    "prediction": prediction * int(random.integers(1, 256)),
                    "reference": reference * 255,
                    "dice": metrics.f1_score(reference, prediction, **nan),
                    "intersectionOverUnion": metrics.jaccard_score(reference, prediction, zero_division=0),
                    "sensitivity": metrics.recall_score(reference, prediction, **nan),
                    "precision": metrics.precision_score(reference, prediction, **nan),
                    "specificity": metrics.recall_score(reference, prediction, pos_label=0, **nan),
                    "accuracy": metrics.accuracy_score(reference, prediction),
                }
            )
    write("overlap", cases)


def summary():
    cases = []
    for count in (0, 1, 2, 3, 4, 7, 20):
        values = random.random(count)
        if count == 7:
            values[2:5] = values[0]
        with_gaps = [*values[: count // 2], math.nan, *values[count // 2 :], math.nan]
        empty = count == 0
        cases.append(
            {
                "values": with_gaps,
                "mean": math.nan if empty else np.mean(values),
                "standardDeviation": math.nan if count < 2 else np.std(values, ddof=1),
                "quartiles": [math.nan] * 5 if empty else np.quantile(values, [0, 0.25, 0.5, 0.75, 1]),
            }
        )
    write("summary", cases)


def best_point(points, feasible, merit):
    candidates = [point for point in points if feasible(point)]
    top = max(merit(point) for point in candidates)
    return max((p for p in candidates if merit(p) == top), key=lambda p: p[0])


def classification():
    cases = []
    shapes = [(2, "even"), (3, "even"), (5, "ties"), (10, "even"), (17, "ties"), (40, "good"), (40, "bad")]
    shapes += [(60, "ties"), (60, "good"), (25, "equal"), (30, "rare"), (12, "perfect"), (6, "positives"), (4, "negatives")]
    for count, kind in shapes:
        labels = random.permutation(np.arange(count) % 2)
        scores = random.random(count)
        if kind == "ties":
            scores = np.round(scores * 4) / 4
        if kind == "good":
            scores = 1 / (1 + np.exp(-(random.normal(size=count) + 1.5 * labels)))
        if kind == "bad":
            scores = np.round(1 / (1 + np.exp(random.normal(size=count) + 3 * labels)), 2)
        if kind == "equal":
            scores = np.full(count, 0.5)
        if kind == "rare":
            labels = random.permutation([1, 1, 1] + [0] * (count - 3))
        if kind == "perfect":
            scores = labels * 0.5 + 0.25
        if kind in ("positives", "negatives"):
            labels = np.full(count, int(kind == "positives"))
        case = {"scores": scores, "labels": labels.astype(bool), "brier": np.mean((scores - labels) ** 2)}
        fpr, tpr, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
        case |= {"falsePositiveRates": fpr, "truePositiveRates": tpr, "thresholds": thresholds[1:]}
        both = 0 < labels.sum() < count
        case["area"] = metrics.roc_auc_score(labels, scores) if both else math.nan
        case["averagePrecision"] = metrics.average_precision_score(labels, scores) if labels.any() else math.nan
        precision, recall, _ = metrics.precision_recall_curve(labels, scores)
        case["precisions"] = precision[:-1][::-1]
        case["recalls"] = recall[:-1][::-1] if labels.any() else [math.nan] * (len(recall) - 1)
        if both:
            points = []
            for threshold in [math.inf, *thresholds[1:]]:
                (tn, fp), (fn, tp) = metrics.confusion_matrix(labels, scores >= threshold, labels=[0, 1])
                points.append((threshold, tp / (tp + fn), tn / (tn + fp), int(tp), int(fp)))
            positives, negatives = int(labels.sum()), int(count - labels.sum())
            youden = best_point(points, lambda p: p[0] < math.inf, lambda p: p[3] * negatives - p[4] * positives)
            case["youden"] = youden[:3]
            case["atSpecificity"] = [
                {"minimum": m, "point": best_point(points, lambda p: p[2] >= m, lambda p: p[1])[:3]}
                for m in (0, 0.5, 0.8, 0.9, 1)
            ]
            case["atSensitivity"] = [
                {
                    "minimum": m,
                    # Of the most specific points the most sensitive, which has the lowest threshold.
                    "point": best_point(points, lambda p: p[1] >= m, lambda p: (p[2], p[1]))[:3],
                }
                for m in (0, 0.5, 0.8, 0.9, 1)
            ]
        cases.append(case)
    write("classification", cases)


def paired(count, kind):
    first, second = np.round(random.random(count), 6), np.round(random.random(count), 6)
    if kind == "ties":
        first, second = random.integers(0, 6, count) / 4, random.integers(6, 9, count) / 4
    if kind == "zeros":
        first, second = np.round(first * 3) / 3, np.round(second * 3) / 3
    if kind == "onlyZeros":
        second = first.copy()
    if kind == "equal":
        first = second + 0.5
        first, second = np.round(first * 8) / 8, np.round(first * 8) / 8 - 0.5
    if kind == "shifted":
        first = np.round(first + 0.3, 6)
    return first, second


def wilcoxon():
    kinds = ("clean", "ties", "zeros", "onlyZeros", "equal", "shifted")
    shapes = [(count, kinds[count % len(kinds)]) for count in range(1, 61)]
    shapes += [(count, kind) for count in (1, 2, 13, 14, 50, 51) for kind in kinds]
    shapes += [(200, "clean"), (647, "zeros")]
    cases = []
    for count, kind in shapes:
        first, second = paired(count, kind)
        if count == 1 and first[0] == second[0]:
            continue  # SciPy's permutation test refuses a single pair.
        outcomes = []
        for method, zero, alternative, correction in itertools.product(
            ("automatic", "asymptotic"), ("wilcox", "pratt"), ("two-sided", "greater", "less"), (False, True)
        ):
            result = stats.wilcoxon(
                first,
                second,
                zero_method=zero,
                correction=correction,
                alternative=alternative,
                method="auto" if method == "automatic" else method,
            )
            outcomes.append([result.statistic, result.pvalue])
        cases.append({"kind": kind, "first": first, "second": second, "outcomes": outcomes})
    write("wilcoxon", cases)

    permutations = []
    for count, kind in ((14, "ties"), (16, "zeros"), (15, "equal"), (16, "clean")):
        first, second = paired(count, kind)
        outcomes = []
        for zero, alternative in itertools.product(("wilcox", "pratt"), ("two-sided", "greater", "less")):
            everything = stats.PermutationMethod(n_resamples=2**17)
            result = stats.wilcoxon(first, second, zero_method=zero, alternative=alternative, method=everything)
            outcomes.append([result.statistic, result.pvalue])
        permutations.append({"kind": kind, "first": first, "second": second, "outcomes": outcomes})
    write("wilcoxon-permutation", permutations)

    # The same Dice by different arithmetic: 0.1 + 0.2 against 0.3.
    rounding = []
    for count in (10, 30):
        second = random.integers(1, 10, count) / 10
        first = second + random.choice([0, 0.1, 0.2, 0.3], count)
        first = (first + 0.7) - 0.7
        difference = np.round(first - second, 9)
        result = stats.wilcoxon(difference)
        raw = stats.wilcoxon(first, second)
        rounding.append(
            {
                "first": first,
                "second": second,
                "rounded": [result.statistic, result.pvalue],
                "raw": [raw.statistic, raw.pvalue],
            }
        )
    write("wilcoxon-rounding", rounding)


def comparisons():
    cases = []
    for p_values in (
        [],
        [0.04],
        [0.01, 0.04, 0.03, 0.005],
        [0.02, 0.02, 0.02],
        [1, 0, 1, 0.5, 0.5],
        random.random(20) ** 3,
        np.round(random.random(15), 1),
    ):
        p = np.asarray(p_values, dtype=float)
        # Holm by its definition: the largest of the step-down products up to one's own p.
        holm = [max(min(1, q * np.sum(p >= q)) for q in p[p <= own]) for own in p]
        cases.append({"pValues": p, "holm": holm, "benjaminiHochberg": stats.false_discovery_control(p) if len(p) else []})
    write("comparisons", cases)


def effects():
    cases = []
    for count, kind in ((1, "clean"), (7, "ties"), (20, "zeros"), (31, "shifted"), (5, "onlyZeros")):
        first, second = paired(count, kind)
        difference = first - second
        biserial = {}
        for method, kept in (("wilcox", difference[difference != 0]), ("pratt", difference)):
            ranks = stats.rankdata(np.abs(kept))
            up, down = ranks[kept > 0].sum(), ranks[kept < 0].sum()
            biserial[method] = (up - down) / (up + down) if up + down else math.nan
        signs = np.sign(first[:, None] - second[None, : count // 2 + 1])
        cases.append({"first": first, "second": second, "rankBiserial": biserial, "cliffsDelta": signs.mean()})
    write("effects", cases)


class SplitMix64:
    mask = (1 << 64) - 1

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & self.mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & self.mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & self.mask
        return z ^ (z >> 31)

    def below(self, bound):
        while True:
            product = self.next() * bound
            if product & self.mask >= (1 << 64) % bound:
                return product >> 64


def bootstrap():
    cases = []
    for count, group_count, confidence, seed in (
        (1, None, 0.95, 1),
        (12, None, 0.95, 7),
        (40, 9, 0.9, 2**64 - 1),
        (30, 30, 0.99, 0),
        (25, 1, 0.95, 3),
    ):
        first, second = paired(count, "clean")
        groups = None if group_count is None else [f"p{g}" for g in random.permutation(np.arange(count) % group_count)]
        names = list(range(count)) if groups is None else list(dict.fromkeys(groups))
        members = [[i] if groups is None else [j for j in range(count) if groups[j] == g] for i, g in enumerate(names)]
        difference = first - second
        generator = SplitMix64(seed)
        means = []
        for _ in range(500):
            drawn = [i for _ in members for i in members[generator.below(len(members))]]
            means.append(np.mean(difference[drawn]))
        tails = [(1 - confidence) / 2, (1 + confidence) / 2]
        cases.append(
            {
                "first": first,
                "second": second,
                "groups": groups,
                "confidence": confidence,
                # As text: JSON readers pass large integers through a double.
                "seed": str(seed),
                "resampleCount": 500,
                "estimate": np.mean(difference),
                "bounds": np.quantile(means, tails),
            }
        )
    write("bootstrap", cases)


def placements(scores, labels):
    wins = np.sign(scores[labels][:, None] - scores[~labels][None, :]) / 2 + 0.5
    return wins.mean(axis=1), wins.mean(axis=0), wins.mean()


def delong():
    cases = []
    for count, kind in ((8, "clean"), (30, "clean"), (30, "ties"), (80, "related"), (50, "same"), (3, "few")):
        labels = random.permutation(np.arange(count) % 2).astype(bool) if kind != "few" else np.array([True, False, False])
        first = random.normal(size=count) + labels
        second = random.normal(size=count) + 0.5 * labels
        if kind == "related":
            second = first + 0.5 * second
        if kind == "ties":
            first, second = np.round(first), np.round(second)
        if kind == "same":
            second = np.exp(first)
        first, second = np.round(first, 6), np.round(second, 6)
        v10, v01, areas = zip(placements(first, labels), placements(second, labels))
        positives, negatives = labels.sum(), (~labels).sum()
        covariance = np.cov(v10) / positives + np.cov(v01) / negatives
        variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
        same = kind == "same"
        z = 0.0 if same else (areas[0] - areas[1]) / math.sqrt(variance) if variance > 0 else math.nan
        margin = stats.norm.ppf(0.975) * math.sqrt(covariance[0, 0]) if variance >= 0 or same else math.nan
        cases.append(
            {
                "first": first,
                "second": second,
                "labels": labels,
                "areas": areas,
                "covariance": covariance.ravel(),
                "zStatistic": z,
                "pValue": 1.0 if same else 2 * stats.norm.sf(abs(z)),
                "interval": [max(0, areas[0] - margin), min(1, areas[0] + margin)] if margin == margin else [math.nan] * 2,
            }
        )
    write("delong", cases)


def normal():
    z = [-38, -10, -3, -1.96, -0.5, 0, 0.1, 1, 2.5, 8, 20, 37]
    p = [1e-300, 1e-12, 0.001, 0.025, 0.2, 0.5, 0.8, 0.95, 0.975, 0.995, 1 - 1e-9]
    write("normal", [{"z": z, "upperTails": stats.norm.sf(z), "probabilities": p, "quantiles": stats.norm.ppf(p)}])


FOLDER.mkdir(exist_ok=True)
for generate in (overlap, summary, classification, wilcoxon, comparisons, effects, bootstrap, delong, normal):
    generate()
