"""Writes Fixtures/masklosses.json: every loss of a mask, and of exclusive labels, as PyTorch computes it with its gradient.

Run from anywhere with Python 3.9 or later, PyTorch and SciPy: python3 mask_losses.py
"""
import json
import pathlib

import torch
import torch.nn.functional as F
from scipy.ndimage import distance_transform_edt

from models import mixed_tensor

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
torch.set_default_dtype(torch.float64)
SHAPE = (3, 1, 9, 7)


def single(t):
    """Values that a 32-bit float holds exactly."""
    return t.float().double()


LOGITS = single(4 * mixed_tensor("loss logits", SHAPE))
TARGETS = (mixed_tensor("loss targets", SHAPE) > 0.2).double()
COVERAGE = (mixed_tensor("loss coverage", SHAPE) > -0.6).double()


def sums(p, t, c, scope):
    axes = (1, 2, 3) if scope == "image" else (0, 1, 2, 3)
    return (p * c).sum(axes), (p * t * c).sum(axes), (t * c).sum(axes), c.sum(axes)


def region(distance, scope="image", empty="smoothed"):
    def loss(x, t, c):
        if empty == "excluded":
            kept = (t * c).sum((1, 2, 3)) > 0
            x, t, c = x[kept], t[kept], c[kept]
        return distance(*sums(x.sigmoid(), t, c, scope)).mean()

    return loss


def tversky(a, b, s=1.0, power=1.0):
    return lambda p, o, t, n: (1 - (o + s) / (o + a * (p - o) + b * (t - o) + s)) ** power


def matthews(p, o, t, n):
    return 1 - (n * o - p * t) / (p * t * (n - p) * (n - t) + 1e-9 * n**4).sqrt()


def cross_entropy(weight=1.0, smoothing=0.0):
    def loss(x, t, c):
        soft = t * (1 - smoothing) + smoothing / 2
        return (F.binary_cross_entropy_with_logits(x, soft, reduction="none") * (1 + (weight - 1) * t) * c).sum() / c.sum()

    return loss


def focal(gamma, alpha):
    def loss(x, t, c):
        p = x.sigmoid()
        q = p * t + (1 - p) * (1 - t)
        return (-(alpha * t + (1 - alpha) * (1 - t)) * (1 - q) ** gamma * q.log() * c).sum() / c.sum()

    return loss


def lovasz(x, t, c):
    losses = []
    for logits, truth, cover in zip(x, t, c):
        logits, truth = logits[cover > 0.5], truth[cover > 0.5]
        errors = 1 - logits * (2 * truth - 1)
        errors, order = torch.sort(errors, descending=True)
        truth = truth[order]
        jaccard = 1 - (truth.sum() - truth.cumsum(0)) / (truth.sum() + (1 - truth).cumsum(0))
        jaccard[1:] = jaccard[1:] - jaccard[:-1].clone()
        losses.append((F.relu(errors) * jaccard).sum())
    return sum(losses) / len(losses)


def boundary(x, t, c):
    height, width = x.shape[2:]
    places = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"), -1).reshape(-1, 2).double()
    fields = []
    for truth in t.reshape(t.shape[0], -1) > 0.5:
        if truth.all() or not truth.any():
            fields.append(torch.zeros(height * width))
            continue
        far = torch.cdist(places, places)
        outside, inside = far[:, truth].min(1).values, far[:, ~truth].min(1).values
        fields.append(torch.where(truth, 1 - inside, outside))
    field = torch.stack(fields).reshape(t.shape) / max(height, width)
    return (x.sigmoid() * field * c).sum() / c.sum()


def hausdorff(power):
    """Karimi & Salcudean's loss by distance transforms, of distances in longer sides; distances are constants, as in MONAI's."""

    def powers(mask):
        fields = []
        for own in mask[:, 0].numpy():
            field = distance_transform_edt(own) + distance_transform_edt(~own) if own.any() and not own.all() else 0 * own
            fields.append(torch.from_numpy((field / max(own.shape)) ** power))
        return torch.stack(fields)[:, None]

    def loss(x, t, c):
        p, counted = x.sigmoid(), c > 0.5
        weights = powers((p.detach() > 0.5) & counted) + powers((t > 0.5) & counted)
        return ((p - t) ** 2 * weights * c).sum() / c.sum()

    return loss


def numbers(t):
    return [float(f"{v:.8g}") for v in t.reshape(-1).tolist()]


def case(kind, loss, settings, covered, empty):
    x, t = LOGITS.clone().requires_grad_(), TARGETS.clone()
    for image in empty:
        t[image] = 0
    c = COVERAGE if covered else torch.ones(SHAPE)
    value = loss(x, t, c)
    gradient, = torch.autograd.grad(value, x)
    return {"kind": kind, "settings": settings, "covered": covered, "empty": empty, "value": value.item(), "gradient": numbers(gradient)}


def mask_cases():
    found = []
    for covered in (False, True):
        for empty in ([], [1]):
            if covered != bool(empty):
                continue

            def add(kind, loss, **settings):
                found.append(case(kind, loss, settings, covered, empty))

            add("cross-entropy", cross_entropy())
            add("cross-entropy", cross_entropy(2.5, 0.1), lesionWeight=2.5, labelSmoothing=0.1)
            add("focal", focal(2, 0.25))
            add("focal", focal(1.5, 0.75), gamma=1.5, alpha=0.75)
            add("lovasz", lovasz)
            add("boundary", boundary)
            add("hausdorff", hausdorff(2))
            add("hausdorff", hausdorff(1.5), power=1.5)
            for scope in ("image", "batch"):
                policy = "excluded" if scope == "image" else "smoothed"
                dice = lambda p, o, t, n: 1 - (2 * o + 0.5) / (p + t + 0.5)
                add("dice", region(dice, scope, policy), smoothing=0.5, scope=scope, emptyTargets=policy)
                add("jaccard", region(tversky(1, 1), scope), smoothing=1, scope=scope)
                add("tversky", region(tversky(0.3, 0.7), scope), scope=scope)
                add("focal-tversky", region(tversky(0.3, 0.7, power=0.75), scope, policy), scope=scope, emptyTargets=policy)
                if not empty or scope == "batch":
                    add("mcc", region(matthews, scope), scope=scope)
    return found


def label_case(dice, weights, covered, policy, chosen):
    shape = (2, 4, 9, 7)
    x = single(3 * mixed_tensor("label logits", shape)).requires_grad_()
    classes = (mixed_tensor("label classes", (2, 9, 7)) * 2 + 2).floor().clamp(0, 3)
    classes[0][classes[0] == 2] = 1
    c = (mixed_tensor("label coverage", (2, 9, 7)) > -0.6).double() if covered else torch.ones(2, 9, 7)
    t = classes.long()
    entropy = F.cross_entropy(x, t, reduction="none")
    w = torch.tensor(weights)[t] * c
    value = (entropy * w).sum() / w.sum()
    p, truth = x.softmax(1) * c[:, None], F.one_hot(t, 4).movedim(-1, 1) * c[:, None]
    overlap, total = (p * truth).sum((2, 3)), p.sum((2, 3)) + truth.sum((2, 3))
    distances = (1 - (2 * overlap + 1) / (total + 1))[:, chosen]
    kept = (truth.sum((2, 3)) > 0)[:, chosen] if policy == "excluded" else torch.ones_like(distances, dtype=torch.bool)
    value = value + dice * distances[kept].mean()
    gradient, = torch.autograd.grad(value, x)
    return {"dice": dice, "weights": weights, "covered": covered, "policy": policy, "chosen": chosen,
            "classes": [int(v) for v in classes.reshape(-1).tolist()], "value": value.item(), "gradient": numbers(gradient)}


def write(name, cases):
    path = FIXTURES / name
    path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    print(path.name, path.stat().st_size, "bytes")


write("masklosses.json", mask_cases())
write("labellosses.json", [
    label_case(1.0, [1.0] * 4, False, "smoothed", [1, 2, 3]),
    label_case(0.5, [0.5, 1.0, 2.0, 1.5], True, "excluded", [1, 2, 3]),
    label_case(2.0, [0.5, 1.0, 2.0, 1.5], True, "smoothed", [0, 3]),
])
