"""Writes ../Fixtures/features.json: BI-RADS features, prior and penalty with their gradients, by PyTorch's autograd.

Written from the formulas in the documentation, in double precision and without sharing any code or structure with the
library: whole-tensor expressions, `conv2d` for every stencil, `linalg.eigvalsh`-free closed forms, autograd throughout.
Run with Python 3 and PyTorch: python3 generate_fixtures.py
"""

import json
import math
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
FLOOR = 0.1


def blob(height, width, cy, cx, ry, rx, angle, soft, wave, generator):
    y, x = torch.meshgrid(torch.arange(height) - cy, torch.arange(width) - cx, indexing="ij")
    u = x * math.cos(angle) + y * math.sin(angle)
    v = -x * math.sin(angle) + y * math.cos(angle)
    radius = torch.sqrt((u / rx) ** 2 + (v / ry) ** 2)
    radius = radius / (1 + wave * torch.cos(5 * torch.atan2(v, u + 1e-9)))
    mask = torch.sigmoid((1 - radius) * min(rx, ry) / soft)
    return (mask + 0.04 * torch.rand(height, width, generator=generator)).clamp(0, 1)


def image_of(height, width, mask, generator):
    noise = torch.rand(height, width, generator=generator)
    smooth = torch.nn.functional.avg_pool2d(noise[None, None], 3, 1, 1)[0, 0]
    return (0.6 - 0.35 * mask + 0.4 * (smooth - 0.5)).clamp(0, 1)


def moments(m):
    height, width = m.shape
    y, x = torch.meshgrid(torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij")
    area = m.sum()
    total = area + 1e-3
    cx, cy = (m * x).sum() / total, (m * y).sum() / total
    xx = (m * (x - cx) ** 2).sum() / total + 1 / 12
    xy = (m * (x - cx) * (y - cy)).sum() / total
    yy = (m * (y - cy) ** 2).sum() / total + 1 / 12
    return area, xx, xy, yy


def field(m):
    binomial = torch.tensor([1.0, 2.0, 1.0]) / 4
    binomial = torch.outer(binomial, binomial)[None, None]
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])[None, None] / 8
    smooth = torch.nn.functional.conv2d(m[None, None], binomial, padding=3)
    return [torch.nn.functional.conv2d(smooth, k, padding=1)[0, 0] for k in (sobel, sobel.transpose(2, 3))]


def length(gx, gy, weight=1.0):
    delta = 1e-3
    return (weight * (torch.sqrt(gx**2 + gy**2 + delta**2) - delta)).sum()


def above(x, bound):
    return torch.where(x > bound, bound + (x - bound) / torch.sqrt(1 + ((x - bound) / 0.25) ** 2), x)


def below(x, bound):
    return torch.where(x < bound, bound - (bound - x) / torch.sqrt(1 + ((bound - x) / 0.25) ** 2), x)


def sharpness(m, image, coverage, area, gx, gy, unit):
    height, width = m.shape
    side = max(height, width)
    sigma = 0.01 * side if unit == "image" else 0.03 * side
    radius = math.ceil(3 * sigma)
    taps = torch.exp(-(torch.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    kernel = torch.outer(taps, taps)[None, None]
    blur = lambda a: torch.nn.functional.conv2d(a[None, None], kernel, padding=radius)[0, 0]
    smooth = blur(image * coverage) / blur(coverage).clamp(min=1e-9)
    padded = torch.nn.functional.pad(smooth, (3, 3, 3, 3))
    ix = (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2
    iy = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
    inside = torch.nn.functional.conv2d(coverage[None, None], torch.ones(1, 1, 5, 5), padding=4)[0, 0]
    # The 5 by 5 neighborhood of a position in the frame is centered on the mask's pixel.
    q = (inside > 24.5).double()
    mean = (image * coverage).sum() / coverage.sum()
    deviation = torch.sqrt((coverage * (image - mean) ** 2).sum() / coverage.sum() + 1e-6)
    flux = -(q * (gx * ix + gy * iy)).sum() / (length(gx, gy, q) + 1) / deviation
    return flux * (side if unit == "image" else torch.sqrt(area / math.pi + 1e-3))


def curvature_energy(m):
    scale = 0.01 * max(m.shape)
    gx, gy = (scale * g for g in field(blurred(m, scale)))
    root = torch.sqrt(gx**2 + gy**2 + 0.04**2)
    edge = (gx**2 + gy**2) * torch.sqrt(gx**2 + gy**2 + 1e-8)
    nx, ny = gx / root, gy / root
    # Central differences whose border repeats the last value.
    ax = torch.nn.functional.pad(nx[None, None], (1, 1, 0, 0), mode="replicate")[0, 0]
    ay = torch.nn.functional.pad(ny[None, None], (0, 0, 1, 1), mode="replicate")[0, 0]
    kappa = (ax[:, 2:] - ax[:, :-2]) / 2 + (ay[2:] - ay[:-2]) / 2
    energy = m.sum() / math.pi * (edge * kappa**2).sum() / (edge.sum() + 0.05)
    return torch.log(1 + energy)


def radial_variation(m, gx, gy):
    height, width = m.shape
    total = m.sum() + 1e-3
    y, x = torch.meshgrid(torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij")
    cx, cy = (m * x).sum() / total, (m * y).sum() / total
    y, x = torch.meshgrid(
        torch.arange(-2, height + 2) - (height - 1) / 2, torch.arange(-2, width + 2) - (width - 1) / 2, indexing="ij"
    )
    radius = torch.sqrt((x - cx) ** 2 + (y - cy) ** 2 + 1)
    edge = torch.sqrt(gx**2 + gy**2 + 1e-6) - 1e-3
    mean = (edge * radius).sum() / (edge.sum() + 1)
    variance = (edge * (radius - mean) ** 2).sum() / (edge.sum() + 1)
    return torch.sqrt(variance + 1e-6) / (mean + 1)


def blurred(a, sigma):
    radius = max(1, math.ceil(2 * sigma))
    taps = torch.exp(-(torch.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    taps = taps / taps.sum()
    return torch.nn.functional.conv2d(a[None, None], torch.outer(taps, taps)[None, None], padding=radius)[0, 0]


def levels(image, weight):
    mass = weight.sum() + 1
    mean = (weight * image).sum() / mass
    return mean, (weight * (image - mean) ** 2).sum() / mass


def echoes(m, image, coverage):
    side = max(m.shape)
    smooth = levels(blurred(image, 0.01 * side), m)
    return {
        "heterogeneity": torch.sqrt(smooth[1] + 1e-4) / (smooth[0] + 0.01),
    }


def posterior_echo(m, image, coverage, xx, yy):
    height, width = m.shape
    total = m.sum() + 1e-3
    y, x = torch.meshgrid(torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij")
    cx, cy = (m * x).sum() / total, (m * y).sum() / total
    a, b = 2 * torch.sqrt(xx), 2 * torch.sqrt(yy)
    s = torch.sigmoid
    depth, offset = y - cy, torch.sqrt((x - cx) ** 2 + 1e-4)
    band = s(depth - b) * s(2 * b + 4 - depth) * coverage
    below = levels(image, band * s(0.7 * a - offset))[0]
    beside = levels(image, band * s(offset - 1.3 * a) * s(2.3 * a + 2 - offset))[0]
    return torch.log((below + 0.01) / (beside + 0.01))


def features(p, image, coverage):
    m = torch.relu(p * coverage - FLOOR) / (1 - FLOOR)
    area, xx, xy, yy = moments(m)
    gx, gy = field(m)
    perimeter = length(gx, gy)
    half = (xx + yy) / 2
    root = torch.sqrt(((xx - yy) / 2) ** 2 + xy**2 + (1e-3 * half) ** 2)
    major = half + root
    minor = (xx * yy - xy**2) / major
    a, b = 2 * torch.sqrt(major), 2 * torch.sqrt(minor)
    h = ((a - b) / (a + b)) ** 2
    ellipse = math.pi * (a + b) * (1 + 3 * h / (10 + torch.sqrt(4 - 3 * h)))
    values = {
        "circularity": above(4 * math.pi * area / (perimeter**2 + 1), 1),
        "elliptic-normalized-circumference": below(perimeter / ellipse, 1),
        "depth-to-width": torch.sqrt(yy / xx),
        "margin-sharpness": sharpness(m, image, coverage, area, gx, gy, "image"),
        "ellipticity": above(area / (4 * math.pi * torch.sqrt(major * minor)), 1),
        "elongation": 1 - torch.sqrt(minor / major),
        "curvature-energy": curvature_energy(m),
        "radial-variation": radial_variation(m, gx, gy),
        "posterior-echo": posterior_echo(m, image, coverage, xx, yy),
        "margin-sharpness-by-lesion": sharpness(m, image, coverage, area, gx, gy, "lesion"),
    }
    return values | echoes(m, image, coverage), area


CHOSEN = ["circularity", "elliptic-normalized-circumference", "depth-to-width", "margin-sharpness"]
SIGNS = torch.tensor([-1.0, 1, 1, -1])


def prior_logit(values, statistics, raw, bias, bends=True):
    z = (torch.stack([values[n] for n in CHOSEN]) - statistics["mean"]) / statistics["deviation"] * SIGNS
    if bends:
        z = z / torch.sqrt(1 + (z / 5) ** 2)
    return bias + (torch.nn.functional.softplus(raw) * z).sum()


def disagreement(agreement, malignancy, prior):
    p, q = torch.sigmoid(malignancy), torch.sigmoid(prior)
    if agreement == "probability":
        return (p - q) ** 2
    if agreement == "logit":
        return (malignancy - prior) ** 2 / 16
    return q * torch.log(q / p) + (1 - q) * torch.log((1 - q) / (1 - p))


# Malignant or not, by case; None where it is unknown.
LABELS = [0.0, 1.0, None, 0.0, 1.0]


def variant(square, logits, malignancy, statistics, raw, bias, agreement, form, bends, supervision):
    minimum, total = 0.002, 0.0
    for index, (_, image, coverage) in enumerate(square):
        if index == 3:
            continue
        mask = torch.sigmoid(logits[index] * (4 if form == "sharpened" else 1))
        if form == "binarized":
            mask = mask + ((mask > 0.5).double() - mask).detach()
        values, area = features(mask, image, coverage)
        logit = prior_logit(values, statistics, raw, bias, bends).squeeze()
        fraction = (area / coverage.sum()).detach()
        gate = fraction**2 / (fraction**2 + minimum**2)
        total = total + gate * disagreement(agreement, malignancy[index], logit) / 4
        if LABELS[index] is not None:
            error = torch.nn.functional.binary_cross_entropy_with_logits(logit, torch.tensor(LABELS[index]))
            total = total + gate * supervision * error / 4
    return total


def rounded(tensor, digits=9):
    return [float(f"{v:.{digits}g}") for v in tensor.flatten().tolist()]


def main():
    generator = torch.Generator().manual_seed(20)
    specification = [
        # height, width, cy, cx, ry, rx, angle, softness, wave, rows of padding at top and bottom
        (16, 16, 7.3, 8.1, 3.4, 5.0, 0.3, 0.8, 0.0, 0),
        (16, 16, 8.0, 7.0, 5.0, 3.0, 0.0, 0.5, 0.25, 2),
        (16, 16, 7.5, 7.5, 4.0, 4.0, 0.0, 1.2, 0.0, 0),
        (16, 16, 4.0, 13.0, 4.0, 5.0, 1.0, 0.6, 0.15, 2),
        (16, 16, 8.0, 8.0, 1.2, 1.2, 0.0, 0.5, 0.0, 0),
        (11, 20, 5.0, 10.0, 3.0, 7.0, -0.4, 0.7, 0.1, 0),
    ]
    cases, prepared = [], []
    for height, width, cy, cx, ry, rx, angle, soft, wave, pad in specification:
        p = blob(height, width, cy, cx, ry, rx, angle, soft, wave, generator)
        image = image_of(height, width, p, generator)
        coverage = torch.ones(height, width)
        if pad:
            coverage[:pad] = 0
            coverage[-pad:] = 0
        image = image * coverage
        # What the fixture holds, to the last digit, is what is computed with.
        p = torch.tensor([float(f"{v:.5f}") for v in p.flatten().tolist()]).reshape(height, width)
        image = torch.tensor([float(f"{v:.5f}") for v in image.flatten().tolist()]).reshape(height, width)
        entry = {"height": height, "width": width, "probability": p.flatten().tolist()}
        entry |= {"intensities": image.flatten().tolist(), "coverage": coverage.flatten().tolist(), "features": []}
        p.requires_grad_(True)
        for name in features(p, image, coverage)[0]:
            value = features(p, image, coverage)[0][name]
            (gradient,) = torch.autograd.grad(value, p)
            entry["features"].append({"name": name, "value": value.item(), "gradient": rounded(gradient, 5)})
        cases.append(entry)
        prepared.append((p.detach(), image, coverage))

    # The penalty over the five cases of one size; case 3 is a normal image, and masks come as logits.
    square = prepared[:5]
    with torch.no_grad():
        table = torch.stack(
            [torch.stack([features(*case)[0][n] for n in CHOSEN]) for i, case in enumerate(square) if i != 3]
        )
    statistics = {"mean": table.mean(0), "deviation": torch.sqrt(table.var(0, unbiased=False) + 1e-6)}
    raw = torch.full((4,), math.log(math.expm1(1 / 4)), requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    logits = torch.stack([torch.logit(p.clamp(0.001, 0.999)) for p, _, _ in square])
    logits = torch.tensor([float(f"{v:.4f}") for v in logits.flatten().tolist()]).reshape(logits.shape)
    malignancy = torch.tensor([0.7, -1.2, 0.1, 2.0, -0.4])
    logits.requires_grad_(True)
    malignancy.requires_grad_(True)
    priors = []
    for index, (_, image, coverage) in enumerate(square):
        values, _ = features(torch.sigmoid(logits[index]), image, coverage)
        priors.append(torch.sigmoid(prior_logit(values, statistics, raw, bias)).item())
    penalties = []
    for agreement, form, bends, supervision in [
        ("probability", "soft", True, 0),
        ("logit", "soft", False, 0),
        ("kl", "soft", True, 0.5),
        ("probability", "sharpened", True, 2),
        ("kl", "binarized", False, 0),
    ]:
        total = 0.5 * variant(
            square, logits, malignancy, statistics, raw, bias, agreement, form, bends, supervision
        )
        gradients = torch.autograd.grad(total, [logits, malignancy, raw, bias])
        penalties.append(
            {
                "agreement": agreement,
                "maskForm": form,
                "bendsOutliers": bends,
                "priorSupervision": supervision,
                "value": total.item(),
                "logitGradient": rounded(gradients[0], 5),
                "malignancyGradient": rounded(gradients[1]),
                "weightGradient": rounded(gradients[2]),
                "biasGradient": rounded(gradients[3]),
            }
        )
    prediction = {
        "logits": rounded(logits.detach()),
        "malignancy": rounded(malignancy.detach()),
        "mean": rounded(statistics["mean"]),
        "deviation": rounded(statistics["deviation"]),
        "priors": priors,
    }
    target = Path(__file__).resolve().parent.parent / "Fixtures" / "features.json"
    target.write_text(json.dumps({"cases": cases, "prediction": prediction, "penalties": penalties}, separators=(",", ":")) + "\n")


main()
