"""Writes pooling.json: random-effects estimates, intervals of proportions and clustered variances by statsmodels.

    pip install statsmodels==0.15.0 && python3 generate_pooling_fixtures.py
"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.proportion import proportion_confint

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
random = np.random.default_rng(20251130)

studies = []
for count, spread in [(2, 0.1), (3, 0), (4, 0.02), (5, 0.3), (9, 0.05)]:
    variances = random.uniform(0.0004, 0.004, count)
    estimates = 0.1 + random.normal(0, np.sqrt(variances)) + random.normal(0, spread, count)
    result = combine_effects(estimates, variances, method_re="chi2", use_t=True)
    # statsmodels does not stop τ² at 0: the model is that of fixed effects there.
    kind = "re" if result.tau2 > 0 else "fe"
    effect, classical, deviation = (
        getattr(result, name.format(kind)) for name in ("mean_effect_{}", "sd_eff_w_{}", "sd_eff_w_{}_hksj")
    )
    # Never narrower than the classical variance (Knapp and Hartung 2003), which statsmodels leaves to its user.
    bounded = max(deviation, classical)
    half = stats.t.ppf(0.975, count - 1) * bounded
    studies.append({
        "estimates": estimates.tolist(), "variances": variances.tolist(), "estimate": effect, "tau2": max(0, result.tau2),
        "q": result.q, "i2": max(0, result.i2), "error": bounded, "lower": effect - half, "upper": effect + half,
        "p": 2 * stats.t.sf(abs(effect / bounded), count - 1), "isBounded": bool(deviation < classical),
    })
assert {study["isBounded"] for study in studies} == {True, False}

proportions = []
for hits, count in [(0, 12), (3, 7), (40, 41), (25, 25), (130, 400)]:
    lower, upper = proportion_confint(hits, count, method="wilson")
    proportions.append({"hits": hits, "count": count, "lower": lower, "upper": upper})

clusters = []
for count in (6, 30):
    groups = random.integers(0, count // 2, count)
    values = random.normal(0.5, 0.2, count) + groups * 0.02
    fit = sm.OLS(values, np.ones(count)).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    present = len(set(groups.tolist()))
    clusters.append({
        "values": values.tolist(), "groups": [f"g{group}" for group in groups],
        "variance": float(fit.cov_params()[0, 0]) * present / (present - 1),
    })

text = json.dumps({"studies": studies, "proportions": proportions, "clusters": clusters}, indent=1)
(FIXTURES / "pooling.json").write_text(f"[{text}]\n")
