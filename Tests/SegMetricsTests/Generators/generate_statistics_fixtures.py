"""Writes the oracle values of the statistical tests: python3 generate_statistics_fixtures.py

Values come from SciPy (1.17) and statsmodels (0.15), or from a definition spelled out here where no library has the
function. Inputs are made from seeds by the same small generator in Python and Swift, so that fixtures of thousands of
cases stay small. NaN is written as null.
"""

import itertools
import json
import math
import warnings
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import mpmath
import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

warnings.filterwarnings("ignore")
FOLDER = Path(__file__).resolve().parent.parent / "Fixtures"


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


def sample(recipe):
    """Two paired samples on a grid of `levels` steps, and groups; the tests hold the same lines in Swift."""
    generator = SplitMix64(recipe["seed"])
    first, second, groups = [], [], []
    for _ in range(recipe["count"]):
        second.append(generator.below(recipe["levels"]) / recipe["levels"])
        first.append((generator.below(recipe["levels"]) + recipe["shift"]) / recipe["levels"])
        groups.append(f"p{generator.below(max(1, recipe['groups']))}")
    return np.array(first), np.array(second), groups if recipe["groups"] else None


def recipe(seed, count, levels, shift=0, groups=0):
    return {"seed": seed, "count": count, "levels": levels, "shift": shift, "groups": groups}


ALTERNATIVES = ("two-sided", "greater", "less")
ZERO_METHODS = ("wilcox", "pratt", "zsplit")


def wilcoxon():
    shapes = []
    for seed, count in enumerate((1, 2, 3, 5, 8, 12, 13, 14, 25, 49, 50, 51, 52, 120, 647, 2000)):
        # Hardly any ties; many; nearly nothing but ties and zeros; a shift that leaves no zero; all pairs equal.
        shapes += [recipe(100 + seed, count, levels, shift) for levels, shift in ((10**6, 0), (8, 0), (2, 0), (5, 7), (1, 0))]
        shapes += [recipe(100 + seed, count, 1, 1), recipe(100 + seed, count, 1000, 300)]
    cases = []
    for shape in shapes:
        first, second, _ = sample(shape)
        outcomes = []
        for method, zero, alternative, correction in itertools.product(
            ("auto", "asymptotic"), ZERO_METHODS, ALTERNATIVES, (False, True)
        ):
            if shape["count"] == 1 and method == "auto" and first[0] == second[0]:
                outcomes.append([0.5 if zero == "zsplit" else 0, 1])  # SciPy's permutation test refuses a single pair.
                continue
            result = stats.wilcoxon(
                first, second, zero_method=zero, correction=correction, alternative=alternative, method=method
            )
            outcomes.append([result.statistic, result.pvalue])
        cases.append({"recipe": shape, "outcomes": outcomes})
    write("wilcoxon-recipes", cases)


def group_sums(values, groups):
    names = range(len(values)) if groups is None else dict.fromkeys(groups)
    members = [[i] if groups is None else [j for j, g in enumerate(groups) if g == n] for i, n in enumerate(names)]
    return members, np.array([sum(values[m]) for m in members])


def signed_ranks(difference):
    ranks = np.zeros(len(difference))
    nonzero = difference != 0
    ranks[nonzero] = stats.rankdata(np.abs(difference[nonzero]))
    return ranks * np.sign(difference)


def lattice_p(sums, scale):
    """Exact p-values by whole-number convolution: how many of the 2^k sign patterns reach the observed sum."""
    magnitudes = [abs(round(s * scale)) for s in sums]
    observed = sum(round(s * scale) for s in sums)
    counts = {0: 1}
    for magnitude in magnitudes:
        following = {}
        for total, count in counts.items():
            for signed in (total + magnitude, total - magnitude):
                following[signed] = following.get(signed, 0) + count
        counts = following
    everything = 2 ** len(magnitudes)

    def share(condition):
        return float(Fraction(sum(c for total, c in counts.items() if condition(total)), everything))

    return [share(lambda t: abs(t) >= abs(observed)), share(lambda t: t >= observed), share(lambda t: t <= observed)]


def permutation():
    exact = []
    # SciPy enumerates all sign patterns of up to 2^13 here.
    for shape in (
        recipe(1, 2, 1000),
        recipe(2, 5, 1000),
        recipe(3, 9, 7),
        recipe(4, 13, 10**6),
        recipe(5, 13, 3),
        recipe(6, 12, 1000, 300),
        recipe(7, 30, 1000, 100, 8),
        recipe(8, 60, 5, 0, 11),
        recipe(9, 40, 1000, 0, 1),
    ):
        first, second, groups = sample(shape)
        difference = first - second
        outcomes = []
        for terms in (difference, signed_ranks(difference)):
            _, sums = group_sums(terms, groups)
            # Whole numbers, so that sums are equal or apart; p-values do not depend on the scale.
            sums = np.round(sums * (shape["levels"] if terms is difference else 2))
            ps = []
            for alternative in ALTERNATIVES:
                if len(sums) == 1:  # SciPy refuses a single observation; of its two signs one reaches it.
                    is_seen = alternative == ("greater" if sums[0] > 0 else "less")
                    ps.append(0.5 if is_seen else 1.0)
                    continue
                result = stats.permutation_test(
                    (sums,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative=alternative
                )
                ps.append(result.pvalue)
            outcomes.append({"statistic": np.mean(terms) if terms is difference else np.sum(terms), "pValues": ps})
        exact.append({"recipe": shape, "outcomes": outcomes})
    # Beyond enumeration, by counting on the lattice.
    for shape in (recipe(10, 22, 50, 6), recipe(11, 32, 40, 5), recipe(12, 120, 20, 1, 31), recipe(13, 40, 30, 4)):
        first, second, groups = sample(shape)
        difference = first - second
        outcomes = []
        for terms, scale in ((difference, shape["levels"]), (signed_ranks(difference), 2)):
            _, sums = group_sums(terms, groups)
            statistic = np.mean(terms) if terms is difference else np.sum(terms)
            outcomes.append({"statistic": statistic, "pValues": lattice_p(sums, scale)})
        exact.append({"recipe": shape, "outcomes": outcomes})
    write("permutation", exact)

    random = []
    for shape, count in ((recipe(20, 70, 1000, 60), 500), (recipe(21, 300, 100, 3, 65), 200), (recipe(22, 50, 4), 400)):
        first, second, groups = sample(shape)
        _, sums = group_sums(first - second, groups)
        magnitudes = np.abs(sums[sums != 0])
        observed, near = sums.sum(), 1e-9
        generator = SplitMix64(77)
        extreme = np.zeros(3, dtype=int)
        for _ in range(count):
            bits = []
            for start in range(0, len(magnitudes), 64):
                word = generator.next()
                bits += [(word >> b) & 1 for b in range(min(64, len(magnitudes) - start))]
            total = np.sum(np.where(bits, magnitudes, -magnitudes))
            extreme += [abs(total) >= abs(observed) - near, total >= observed - near, total <= observed + near]
        random.append({"recipe": shape, "resampleCount": count, "pValues": (extreme + 1) / (count + 1)})
    write("permutation-random", random)


def bca(resampled, estimate, leave_one_out, confidence):
    """Efron's interval spelled out, for groups, where SciPy has none."""
    below = (np.sum(resampled < estimate) + np.sum(resampled <= estimate)) / (2 * len(resampled))
    bias = stats.norm.ppf(below)
    deviations = np.mean(leave_one_out) - leave_one_out
    acceleration = np.sum(deviations**3) / (6 * np.sum(deviations**2) ** 1.5)
    z = stats.norm.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
    return np.quantile(resampled, stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z))))


STATISTICS = {"mean": np.mean, "median": np.median, "deviation": lambda v: np.std(v, ddof=1)}


def bootstrap():
    cases = []
    for shape, confidence, name in (
        (recipe(31, 12, 10**6), 0.95, "mean"),
        (recipe(32, 40, 1000), 0.9, "mean"),
        (recipe(33, 25, 1000), 0.95, "deviation"),
        (recipe(34, 31, 10**6), 0.8, "median"),
        (recipe(35, 60, 10**6, 0, 9), 0.95, "mean"),
        (recipe(36, 45, 10**6, 0, 12), 0.99, "deviation"),
        (recipe(37, 200, 10**6, 0, 40), 0.95, "median"),
    ):
        first, second, groups = sample(shape)
        # Skewed, so that bias and acceleration have something to do.
        values = first**3 - second
        statistic = STATISTICS[name]
        members, _ = group_sums(values, groups)
        generator = SplitMix64(shape["seed"])
        resampled = []
        for _ in range(400):
            drawn = [i for _ in members for i in members[generator.below(len(members))]]
            resampled.append(statistic(values[drawn]))
        resampled = np.array(resampled)
        left = [statistic(np.delete(values, m)) for m in members]
        spelled_out = bca(resampled, statistic(values), np.array(left), confidence)
        if groups is None:
            given = stats.bootstrap(
                (values,),
                lambda v, axis=-1: np.apply_along_axis(statistic, axis, v),
                n_resamples=0,
                confidence_level=confidence,
                method="BCa",
                bootstrap_result=SimpleNamespace(bootstrap_distribution=resampled),
            ).confidence_interval
            assert np.allclose(given, spelled_out, rtol=1e-12)
            spelled_out = given
        cases.append(
            {
                "recipe": shape,
                "statistic": name,
                "confidence": confidence,
                "resampleCount": 400,
                "estimate": statistic(values),
                "percentile": np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2]),
                "accelerated": spelled_out,
            }
        )
    write("bootstrap-accelerated", cases)


def mcnemar_cases():
    cases = []
    pairs = list(itertools.product((0, 1, 2, 7, 30), repeat=2)) + [(400, 460), (3000, 3100), (12, 800)]
    for first, second in pairs:
        table = [[5, first], [second, 5]]
        exact = mcnemar(table, exact=True)
        plain_chi = mcnemar(table, exact=False, correction=False)
        corrected = mcnemar(table, exact=False, correction=True)
        tail = stats.binom.cdf(min(first, second), first + second, 0.5)
        point = stats.binom.pmf(min(first, second), first + second, 0.5)
        equal = first == second
        cases.append(
            {
                "firstOnly": first,
                "secondOnly": second,
                "exact": [exact.statistic, exact.pvalue],
                "midP": [exact.statistic, 1.0 if equal else 2 * tail - point],
                # Without a difference statsmodels divides 0 or even 1 by the count.
                "chiSquare": [0, 1] if equal else [plain_chi.statistic, plain_chi.pvalue],
                "correctedChiSquare": [0, 1] if equal else [corrected.statistic, corrected.pvalue],
            }
        )
    write("mcnemar", cases)


def adjustments():
    cases = []
    for seed, count, levels in ((1, 1, 100), (2, 2, 10), (3, 5, 1000), (4, 30, 10**6), (5, 40, 6), (6, 200, 10**4)):
        generator = SplitMix64(seed)
        p = np.array([generator.below(levels + 1) / levels for _ in range(count)]) ** 3
        adjusted = {
            name: multipletests(p, method=method)[1]
            for name, method in (("bonferroni", "bonferroni"), ("holm", "holm"), ("benjaminiHochberg", "fdr_bh"))
        }
        cases.append({"pValues": p, **adjusted})
    write("adjustments", cases)


def cohen():
    cases = []
    for shape in (recipe(41, 2, 1000), recipe(42, 30, 1000, 100), recipe(43, 500, 7)):
        first, second, _ = sample(shape)
        # The one-sample t statistic is d_z times the root of the count.
        cases.append({"recipe": shape, "expected": stats.ttest_rel(first, second).statistic / math.sqrt(len(first))})
    write("cohen", cases)


def run_values(seed, seeds, cases, levels=10**6):
    """values[seed][case] on a grid: a case's difficulty, a run's quality and a remainder."""
    generator = SplitMix64(seed)
    difficulty = [generator.below(levels) for _ in range(cases)]
    runs = []
    for _ in range(seeds):
        quality = generator.below(levels // 4)
        runs.append([(difficulty[i] + quality + generator.below(levels // 2)) / levels for i in range(cases)])
    return np.array(runs)


def seeds_and_cases():
    cases = []
    for number, (first_seeds, second_seeds, count, groups, paired) in enumerate(
        ((3, 3, 20, 0, False), (3, 3, 20, 0, True), (2, 5, 30, 7, False), (4, 4, 50, 12, True), (1, 1, 9, 0, False), (5, 3, 24, 24, False))
    ):
        a, b = run_values(500 + number, first_seeds, count), run_values(600 + number, second_seeds, count)
        group_generator = SplitMix64(700 + number)
        names = [f"p{group_generator.below(groups)}" for _ in range(count)] if groups else None
        members, _ = group_sums(a[0], names)
        intervals = {}
        for draws in ("asMany", "oneFewer"):
            generator = SplitMix64(number)

            def drawn_seeds(total):
                draw_count = total if draws == "asMany" or total == 1 else total - 1
                return [generator.below(total) for _ in range(draw_count)]

            resampled = []
            for _ in range(300):
                one = drawn_seeds(first_seeds)
                two = one if paired else drawn_seeds(second_seeds)
                drawn = [i for _ in members for i in members[generator.below(len(members))]]
                resampled.append(a[np.ix_(one, drawn)].mean() - b[np.ix_(two, drawn)].mean())
            intervals[draws] = np.quantile(resampled, [0.025, 0.975])
        cases.append(
            {
                "number": number,
                "firstSeeds": first_seeds,
                "secondSeeds": second_seeds,
                "caseCount": count,
                "groups": names,
                "seedsArePaired": paired,
                "estimate": a.mean() - b.mean(),
                **intervals,
                "components": components(a),
                "test": seed_and_case_test(a, b, members, paired),
            }
        )
    write("seeds-and-cases", cases)


def components(table):
    """Two-way analysis of variance without replication, its mean squares equated to their expectations."""
    seeds, cases = table.shape
    if seeds < 2:
        return [math.nan] * 3
    of_seeds = cases * np.sum((table.mean(axis=1) - table.mean()) ** 2) / (seeds - 1)
    of_cases = seeds * np.sum((table.mean(axis=0) - table.mean()) ** 2) / (cases - 1)
    total = np.sum((table - table.mean()) ** 2)
    rest = (total - of_seeds * (seeds - 1) - of_cases * (cases - 1)) / ((seeds - 1) * (cases - 1))
    return [max(0, (of_seeds - rest) / cases), max(0, (of_cases - rest) / seeds), rest]


def seed_and_case_test(a, b, members, paired):
    """Difference, t, degrees of freedom, p, bounds of 95 %, and the three variances."""
    count, groups = a.shape[1], len(members)
    difference = a.mean() - b.mean()
    tables = [a - b] if paired else [a, b]
    if min(len(t) for t in tables) < 2:
        return [difference] + [math.nan] * 5
    of_seeds = [np.var(t.mean(axis=1), ddof=1) / len(t) for t in tables]
    of_cases = a.mean(axis=0) - b.mean(axis=0) - difference
    case_variance = sum((of_cases[m].sum() / count) ** 2 for m in members) * groups / (groups - 1)
    residual_variance = 0
    for table in tables:
        rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
        squares = sum((rest[s, m].sum() / count) ** 2 for s in range(len(table)) for m in members)
        residual_variance += squares / (len(table) * (len(table) - 1)) * groups / (groups - 1)
    variance = max(sum(of_seeds) + case_variance - residual_variance, sum(of_seeds), case_variance)
    spread = sum(v**2 / (len(t) - 1) for v, t in zip(of_seeds, tables)) + case_variance**2 / (groups - 1)
    freedom = variance**2 / spread
    t = difference / math.sqrt(variance)
    margin = stats.t.ppf(0.975, freedom) * math.sqrt(variance)
    return [difference, t, freedom, 2 * stats.t.sf(abs(t), freedom), difference - margin, difference + margin]


def student():
    cases = []
    for t, freedom in itertools.product((0, 0.01, 0.5, 1, 2, 5, 40, 1000), (0.7, 1, 2, 3.5, 10, 99, 5000)):
        cases.append({"t": t, "freedom": freedom, "tail": 2 * stats.t.sf(t, freedom)})
    write("student", cases)


def paired_t():
    rng = np.random.default_rng(20)
    cases = []
    for count, shift in itertools.product((2, 3, 5, 12, 80), (0.0, 0.3, 5.0)):
        first = rng.normal(size=count).round(3)
        second = (first + rng.normal(shift, 1, size=count)).round(3)
        result = stats.ttest_rel(first, second)
        interval = result.confidence_interval(0.9)
        cases.append(
            {
                "first": first,
                "second": second,
                "t": result.statistic,
                "p": result.pvalue,
                "interval": [interval.low, interval.high],
            }
        )
    write("paired-t", cases)


def kolmogorov_tail(d, n):
    """P(D >= d) by Steck's determinant for the order statistics between two lines, in n + 60 digits.

    SciPy takes the series of Pelz and Good for most n > 140, which is good to 1e-6 or so.
    """
    with mpmath.workdps(60 + n):
        d = mpmath.mpf(float(d))
        lower = [max(mpmath.mpf(0), mpmath.mpf(i) / n - d) for i in range(1, n + 1)]
        upper = [min(mpmath.mpf(1), mpmath.mpf(i) / n + d) for i in range(n)]
        factorials = [mpmath.factorial(i) for i in range(n + 1)]
        minors = [mpmath.mpf(1)]
        for column in range(n):
            total = mpmath.mpf(0)
            for row in range(column, -1, -1):
                gap = upper[row] - lower[column]
                if gap <= 0:
                    break
                power = column - row + 1
                total += (-1) ** (power - 1) * gap**power / factorials[power] * minors[row]
            minors.append(total)
        return float(1 - factorials[n] * minors[n])


def exact_tail(d, n):
    given = stats.kstwo.sf(d, n)
    if n <= 140 or n * d * d >= 2.2:
        return given
    spelled_out = kolmogorov_tail(d, n)
    assert abs(spelled_out - given) < 1e-5
    return spelled_out


def kolmogorov_smirnov():
    cases = []
    assert math.isclose(kolmogorov_tail(0.1, 60), stats.kstwo.sf(0.1, 60), rel_tol=1e-12)
    for seed, (count, power) in enumerate(itertools.product((1, 2, 3, 7, 20, 60, 140, 141, 300, 500), (1.0, 1.3, 3.0))):
        generator = SplitMix64(900 + seed)
        values = np.array([(generator.below(10**6) + 0.5) / 10**6 for _ in range(count)]) ** power
        asymptotic = stats.kstest(values, "uniform", method="asymp")
        cases.append(
            {
                "seed": 900 + seed,
                "count": count,
                "power": power,
                "statistic": asymptotic.statistic,
                "exact": exact_tail(asymptotic.statistic, count),
                "asymptotic": asymptotic.pvalue,
            }
        )
    write("kolmogorov-smirnov", cases)

    tails = [
        {"count": n, "d": d, "tail": exact_tail(d, n)}
        for n, d in itertools.product((1, 2, 5, 10, 50, 100, 140, 200, 1000), (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.95))
    ]
    write("kolmogorov-tails", tails)


for generate in (
    wilcoxon,
    permutation,
    bootstrap,
    mcnemar_cases,
    adjustments,
    cohen,
    seeds_and_cases,
    student,
    paired_t,
    kolmogorov_smirnov,
):
    generate()
