"""How the generators of surfaces, lesions and calibration write their cases: a JSON list, a case a line, NaN as null."""

import json
import math
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "Fixtures"


def plain(value, digits):
    if isinstance(value, dict):
        return {key: plain(item, digits) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item, digits) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, str) or value is None:
        return value
    return float(f"{float(value):.{digits}g}") if math.isfinite(value) else None


def write(name, cases, digits=17):
    lines = ",\n".join(json.dumps(plain(case, digits), separators=(",", ":")) for case in cases)
    (FOLDER / f"{name}.json").write_text(f"[\n{lines}\n]\n")
