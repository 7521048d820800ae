"""Writes the expected values of the operators' tests: PyTorch in float64, stored with seven digits.

    python3 generate_fixtures.py ../Fixtures

Operands are not stored but made by `pseudo` from a seed, here and in the tests alike; every value is exact in a float.
Of a result are stored: some values at scattered places, and the norm, the largest magnitude and the product with
another pseudo-random vector, which together notice a change of any value.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def pseudo(seed, count):
    h = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed * 0xC2B2AE35 & 0xFFFFFFFF)
    h ^= h >> np.uint32(15)
    h *= np.uint32(2246822519)
    h ^= h >> np.uint32(13)
    h *= np.uint32(3266489917)
    h ^= h >> np.uint32(16)
    return ((h >> np.uint32(8)) & np.uint32(0xFFFF)).astype(np.float64) / 32768 - 1


def made(seed, *shape, scale=1, offset=0):
    return {"shape": list(shape), "seed": seed, "scale": scale, "offset": offset}


def given(values, *shape):
    values = [float(np.float32(v)) for v in values]
    return {"shape": list(shape) or [len(values)], "values": values}


def number(v):
    return float(f"{float(v):.7g}")


def positions(count, full):
    limit = count if full else min(count, 8)
    return [(i * 7919 + 3) % count if limit < count else i for i in range(limit)]


def summary(t, full):
    flat = t.detach().reshape(-1).numpy()
    if flat.size == 0:
        return {"shape": list(t.shape), "sample": [], "largest": 0, "projection": 0}
    return {
        "shape": list(t.shape),
        "sample": [number(flat[i]) for i in positions(flat.size, full)],
        "largest": number(np.abs(flat).max()),
        "projection": number(flat @ pseudo(999, flat.size)),
    }


class Family:
    def __init__(self, name):
        self.name, self.cases = name, []

    def add(self, op, function, inputs, constants=(), full=False, **attributes):
        """`function` takes the operands in their order and returns the result, or the result and a dictionary of further ones."""
        operands = {}
        for key, value in inputs.items():
            if "values" in value:
                data = torch.tensor(value["values"]).reshape(value["shape"])
            else:
                count = math.prod(value["shape"])
                data = torch.tensor(pseudo(value["seed"], count) * value["scale"] + value["offset"])
                assert torch.equal(data.float().double(), data), "an operand is not exact in a float"
                data = data.reshape(value["shape"])
            operands[key] = data.requires_grad_(key not in constants)
        result = function(*operands.values())
        result, others = result if isinstance(result, tuple) else (result, {})
        upstream = torch.tensor(pseudo(7, result.numel())).reshape(result.shape)
        (result * upstream).sum().backward()
        expected = {"y": summary(result, full)}
        expected |= {key: summary(value, full) for key, value in others.items()}
        for key, value in operands.items():
            if key not in constants:
                expected["d_" + key] = summary(value.grad, full)
        text = " ".join(f"{k}={v}" for k, v in attributes.items())
        shapes = " ".join(f"{k}{tuple(v['shape'])}" for k, v in inputs.items())
        self.cases.append(
            {
                "name": f"{op} {shapes} {text}".strip(),
                "op": op,
                "attributes": {k: v if isinstance(v, list) else [float(v)] for k, v in attributes.items()},
                "inputs": inputs,
                "expected": expected,
            }
        )

    def write(self, folder):
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in self.cases)
        (folder / f"{self.name}.json").write_text(f"[\n{lines}\n]\n")


def convolutions():
    family = Family("convolution")

    def add(n, cin, h, w, cout, kh, kw=None, stride=1, padding=0, groups=1, bias=False, relu=0):
        kw = kw or kh
        inputs = {"x": made(1, n, cin, h, w), "weight": made(2, cout, cin // groups, kh, kw, scale=0.5)}
        if bias:
            inputs["bias"] = made(3, cout)
        family.add(
            "convolution",
            lambda x, weight, bias=None: F.conv2d(
                F.relu(x) if relu else x, weight, bias, stride=stride, padding=padding, groups=groups
            ),
            inputs, stride=stride, padding=padding, groups=groups, relu=relu,
        )

    for cin, cout in [(1, 1), (1, 16), (3, 8), (8, 17), (16, 16), (17, 32), (32, 48), (48, 3), (16, 33)]:
        add(1, cin, 8, 8, cout, 3, padding=1)
        add(2, cin, 3, 5, cout, 1)
    for h, w in [(1, 1), (3, 5), (8, 8), (17, 33)]:
        for n in (1, 3):
            add(n, 16, h, w, 16, 3, padding=1, relu=1)
            add(n, 3, h, w, 16, 3, padding=1, bias=True)
        add(2, 17, h, w, 8, 1, bias=True, relu=1)
        add(1, 8, h, w, 16, 5, padding=2)
        add(1, 32, h, w, 16, 3, padding=1, stride=2, relu=1)
        add(2, 3, h, w, 5, 3, padding=1, stride=2)
        add(1, 16, h, w, 17, 5, padding=2, stride=3)
    for k, stride, padding in [(2, 1, 0), (2, 2, 0), (2, 2, 1), (2, 3, 0), (3, 3, 0), (3, 2, 0), (3, 3, 2), (1, 2, 0),
                               (1, 3, 0), (5, 1, 0), (5, 2, 4), (3, 1, 2), (3, 1, 3), (1, 1, 1)]:
        add(2, 16, 9, 11, 8, k, stride=stride, padding=padding, bias=True)
        add(1, 3, 9, 11, 17, k, stride=stride, padding=padding, relu=1)
    add(1, 32, 8, 9, 16, 1, 3, padding=0)
    add(1, 16, 8, 9, 32, 3, 2, padding=1, stride=2, bias=True)
    for cin, cout, groups in [(8, 8, 8), (16, 32, 16), (8, 16, 2), (48, 48, 3), (6, 9, 3), (17, 17, 17)]:
        for stride in (1, 2, 3):
            add(2, cin, 5, 7, cout, 3, padding=1, stride=stride, groups=groups, bias=stride == 2, relu=stride % 2)
    add(1, 4, 33, 40, 4, 3, padding=1, groups=4)

    for n, cin, h, w, cout, s in [(1, 1, 1, 1, 1, 2), (2, 16, 3, 5, 8, 2), (3, 32, 4, 4, 16, 2), (1, 17, 5, 3, 33, 2),
                                  (1, 48, 8, 8, 16, 2), (2, 16, 3, 5, 16, 3), (1, 3, 17, 33, 3, 2), (1, 8, 2, 3, 17, 1)]:
        for bias in (False, True):
            inputs = {"x": made(1, n, cin, h, w), "weight": made(2, cin, cout, s, s, scale=0.5)}
            if bias:
                inputs["bias"] = made(3, cout)
            family.add(
                "transposedConvolution",
                lambda x, weight, bias=None: F.conv_transpose2d(F.relu(x) if bias is not None else x, weight, bias, stride=s),
                inputs, relu=bias,
            )

    def dilated(n, cin, h, w, cout, kernel, padding, stride=1, dilation=1, groups=1, bias=False):
        inputs = {"x": made(1, n, cin, h, w), "weight": made(2, cout, cin // groups, *kernel, scale=0.5)}
        if bias:
            inputs["bias"] = made(3, cout)
        family.add(
            "dilatedConvolution",
            lambda x, weight, bias=None: F.conv2d(
                x, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups
            ),
            inputs, stride=stride, rows=padding[0], columns=padding[1], dilation=dilation, groups=groups,
        )

    for cin, cout in [(1, 16), (3, 8), (16, 16), (17, 33), (48, 3)]:
        dilated(2, cin, 13, 11, cout, (3, 3), (2, 2), dilation=2)
        dilated(1, cin, 13, 11, cout, (3, 3), (3, 3), dilation=3, bias=True)
        dilated(2, cin, 9, 12, cout, (1, 7), (0, 3))
        dilated(1, cin, 9, 12, cout, (5, 1), (2, 0), bias=True)
        dilated(1, cin, 9, 12, cout, (3, 5), (1, 2), stride=2)
    for kernel, padding, stride, dilation in [((3, 3), (0, 0), 1, 4), ((3, 3), (6, 6), 1, 6), ((3, 3), (2, 2), 2, 2), ((2, 3), (1, 0), 3, 2),
                                              ((3, 3), (5, 1), 1, 1), ((3, 3), (7, 7), 1, 2)]:
        dilated(2, 20, 17, 15, 18, kernel, padding, stride, dilation)
        dilated(1, 20, 17, 15, 20, kernel, padding, stride, dilation, groups=20)
        dilated(1, 12, 17, 15, 6, kernel, padding, stride, dilation, groups=3)
    return family


def normalizations():
    family = Family("normalization")
    for n, c, h, w in [(1, 1, 3, 5), (2, 3, 8, 8), (3, 16, 3, 5), (2, 17, 17, 33), (1, 48, 8, 8), (3, 32, 1, 1), (2, 1, 70, 70)]:
        for relu in (0, 1):
            inputs = {"x": made(1, n, c, h, w, scale=2, offset=0.5), "gain": made(2, c, scale=0.5, offset=1), "offset": made(3, c)}

            def batch(x, gain, offset):
                y = F.batch_norm(x, None, None, gain, offset, training=True, eps=1e-5)
                var = x.var((0, 2, 3), unbiased=True)
                return (F.relu(y) if relu else y), {"mean": x.mean((0, 2, 3)), "variance": var}

            family.add("batchNormalized", batch, inputs, relu=relu)
            if h * w > 1:
                family.add(
                    "instanceNormalized",
                    lambda x, gain, offset: (F.relu if relu else (lambda t: t))(
                        F.instance_norm(x, weight=gain, bias=offset, eps=1e-5)
                    ),
                    inputs, relu=relu,
                )
            family.add(
                "normalized",
                lambda x, gain, offset, mean, variance: (F.relu if relu else (lambda t: t))(
                    F.batch_norm(x, mean, variance, gain, offset, training=False, eps=1e-5)
                ),
                inputs | {"mean": made(4, c), "variance": made(5, c, scale=0.5, offset=1)},
                constants=("mean", "variance"), relu=relu,
            )
            gate = F.relu if relu else (lambda t: t)
            for groups in {1, c, *([c // 2] if c % 2 == 0 else [])} if h * w > 1 else ():
                family.add(
                    "groupNormalized", lambda x, gain, offset: gate(F.group_norm(x, groups, gain, offset, 1e-5)),
                    inputs, relu=relu, groups=groups,
                )
            if c > 1:
                family.add(
                    "layerNormalized",
                    lambda x, gain, offset: gate(F.layer_norm(x.movedim(1, -1), (c,), gain, offset, 1e-6).movedim(-1, 1)),
                    inputs, relu=relu,
                )
    return family


def elementwise():
    family = Family("elementwise")
    everywhere = [-1000, -104, -90, -88, -30, -17, -5, -1, -0.125, -1e-3, -1e-8, 1e-30, 1e-8, 1e-3, 0.09, 0.11, 0.5, 1,
                  2.5, 5.5, 7, 16.5, 30, 80, 1000]
    exponents = [-87, -50, -10, -1, -1e-4, 1e-4, 0.3, 1, 10, 50, 80, 88, 88.5, 88.7]
    positive = [1e-38, 1e-30, 1e-6, 0.01, 0.5, 0.7, 0.7072, 0.99, 0.9999, 1, 1.0001, 1.01, 1.4143, 2, 3, 10, 1e6, 1e30, 3e38]
    moderate = [1e-12, 1e-6, 0.01, 0.5, 0.99, 1, 1.01, 2, 3, 10, 1e6, 1e12]
    unary = {
        "relu": (F.relu, everywhere), "relu6": (F.relu6, everywhere), "sigmoid": (torch.sigmoid, [-87] + everywhere[4:-1]),
        "softplus": (lambda x: torch.clamp(x, min=0) + torch.log1p(torch.exp(-x.abs())), [-87] + everywhere[4:]),
        "tanh": (torch.tanh, [-30, -9.5, -5, -1, -0.125, -1e-3, 1e-8, 1e-3, 0.09, 0.11, 0.5, 1, 2.5, 5.5, 16.5, 1000]),
        "exp": (torch.exp, exponents), "log": (torch.log, positive), "squareRoot": (torch.sqrt, positive),
        "reciprocal": (torch.reciprocal, [-v for v in moderate] + moderate), "squared": (torch.square, everywhere),
        "absolute": (torch.abs, everywhere), "negated": (torch.neg, everywhere),
        "silu": (F.silu, [-80] + everywhere[4:]), "gelu": (lambda x: x * torch.special.erfc(-x / 2**0.5) / 2, [-5, -2.83, -1.41, -1, -0.125, -1e-3, -1e-8] + everywhere[11:]),
        "leakyRelu": (lambda x: F.leaky_relu(x, 0.125), everywhere),
    }
    for name, (function, values) in unary.items():
        x = torch.tensor([float(np.float32(v)) for v in values])
        family.add(name, function, {"x": given(values)}, full=True,
                   elementwise=2 if name in ("sigmoid", "tanh", "silu", "gelu") else 1)
        positive_only = name in ("log", "squareRoot", "reciprocal")
        family.add(name, function, {"x": made(1, 2, 17, 3, 5, scale=1 if positive_only else 4, offset=1.5 if positive_only else 0)})
    for exponent in [2, 3, 0.5, -1, -0.5, 1.7, 0, 1]:
        family.add("raised", lambda x: x ** exponent, {"x": made(1, 3, 17, offset=1.5)}, exponent=exponent)
    family.add("raised", lambda x: x ** 3, {"x": made(1, 3, 17)}, exponent=3)
    family.add("clamped", lambda x: x.clamp(-0.25, 0.5), {"x": made(1, 2, 3, 5, 7)}, lower=-0.25, upper=0.5)
    family.add("arcTangent", lambda a, b: torch.atan2(a, b), {"a": made(1, 40), "b": made(2, 40)})
    family.add("hypotenuse", lambda a, b: torch.sqrt(a * a + b * b + 1e-4), {"a": made(1, 40), "b": made(2, 40)}, epsilon=1e-4)

    shapes = [([], []), ([5], []), ([], [2, 3]), ([1], [1]), ([7], [7]), ([3, 1], [1, 4]), ([2, 3, 4], [4]), ([2, 3, 4], [3, 1]),
              ([2, 1, 4], [1, 3, 1]), ([4], [2, 3, 4]), ([2, 16, 3, 5], [2, 16, 3, 5]), ([2, 17, 3, 5], [1, 17, 1, 1]),
              ([2, 17, 3, 5], [2, 1, 3, 5]), ([2, 3, 5, 4], [2, 1, 1, 4]), ([1, 1, 3, 5], [2, 3, 3, 5]), ([2, 3, 1, 5], [2, 3, 5, 1]),
              ([3, 300], [300]), ([3, 1, 1, 2, 1], [1, 4, 1, 1, 5])]
    binary = {"add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div,
              "maximum": torch.maximum, "minimum": torch.minimum}
    for a, b in shapes:
        for name, function in binary.items():
            if name in ("maximum", "minimum", "subtract") and len(a) % 2:
                continue
            family.add(name, function, {"a": made(1, *a), "b": made(2, *b, offset=2 if name == "divide" else 0)})
    family.add(
        "replacing", lambda a, b, mask: torch.where(mask > 0, b, a),
        {"a": made(1, 2, 3, 4), "b": made(2, 3, 1), "mask": given([1, 0, 0, 1], 4)}, constants=("mask",),
    )
    logits = [-200, -50, -5, -0.5, -1e-4, 0, 1e-4, 0.5, 5, 50, 200]
    for target in (0, 1, 0.3):
        family.add(
            "crossEntropy",
            lambda x, target: F.binary_cross_entropy_with_logits(x, target, reduction="none"),
            {"x": given(logits), "target": given([target] * len(logits))}, constants=("target",), full=True,
        )
    family.add(
        "crossEntropy", lambda x, target: F.binary_cross_entropy_with_logits(x, target, reduction="none"),
        {"x": made(1, 2, 1, 17, 33, scale=4), "target": made(2, 2, 1, 17, 33, scale=0.5, offset=0.5)}, constants=("target",),
    )
    return family


def reductions():
    family = Family("reduction")
    shapes = [[5], [3, 4], [2, 3, 4], [2, 17, 3, 5], [1, 5, 1, 2], [2, 1, 130, 130]]
    for shape in shapes:
        rank = len(shape)
        subsets = range(1, 1 << rank) if max(shape) < 100 else [0b1111, 0b1100, 0b1000, 0b0101]
        for subset in subsets:
            axes = [a for a in range(rank) if subset >> a & 1]
            keeping = subset % 2
            x = made(subset, *shape, offset=0.5)
            family.add("sum", lambda x: x.sum(axes, keepdim=bool(keeping)), {"x": x}, axes=axes, keeping=keeping)
            if subset % 3 == 1:
                family.add("mean", lambda x: x.mean(axes, keepdim=bool(keeping)), {"x": x}, axes=axes, keeping=keeping)
            if subset % 2 == 0 or rank == 1:
                family.add("largest", lambda x: x.amax(axes, keepdim=bool(keeping)), {"x": x}, axes=axes, keeping=keeping)
    family.add("largest", lambda x: x.amax([1]), {"x": given([1, 3, 3, 2, 2, 2], 2, 3)}, axes=[1], keeping=0)
    for m, k, n in [(1, 1, 1), (3, 5, 7), (17, 33, 9), (25, 16, 16), (50, 3, 40), (2, 1, 31)]:
        family.add("matrixProduct", torch.matmul, {"a": made(1, m, k), "b": made(2, k, n)})
    for m, k, n in [(1, 1, 1), (3, 5, 7), (50, 16, 33)]:
        family.add("matrixProduct", torch.matmul, {"a": made(1, 4, m, k), "b": made(2, 4, k, n)})
        family.add("matrixProduct", torch.matmul, {"a": made(1, 2, 3, m, k), "b": made(2, 2, 3, k, n)})
    return family


def classes():
    family = Family("classes")
    for shape, axis in [([3, 5], 1), ([3, 5], 0), ([2, 3, 5, 7], 1), ([2, 17, 3, 40], 1), ([1, 1, 3, 3], 1), ([2, 4, 33], 2), ([50, 70], -1),
                        ([2, 3, 4, 5], 2), ([2, 2, 1, 1], 1)]:
        x = made(1, *shape, scale=4)
        family.add("softmax", lambda x: torch.softmax(x, axis), {"x": x}, axis=axis)
        family.add("logSoftmax", lambda x: torch.log_softmax(x, axis), {"x": x}, axis=axis)
        family.add("argmax", lambda x: x * 0 + x.argmax(axis, keepdim=True), {"x": x}, axis=axis)
    steep = given([1000, -1000, 0, 88, 89, -30, 0.5, 0.25], 2, 4)
    family.add("softmax", lambda x: torch.softmax(x, 1), {"x": steep}, axis=1)
    family.add("logSoftmax", lambda x: torch.log_softmax(x, 1), {"x": steep}, axis=1)

    def loss(x, target, coverage, weights):
        flat = x.movedim(1, -1).reshape(-1, x.shape[1])
        t = target.reshape(-1).long()
        taken = ((t >= 0) & (t < x.shape[1])).to(x.dtype)
        t = t.clamp(0, x.shape[1] - 1)
        w = torch.ones(x.shape[1]) if weights is None else torch.tensor(weights)
        w = w[t] * taken * (1 if coverage is None else coverage.reshape(-1))
        return (w * F.cross_entropy(flat, t, reduction="none")).sum() / w.sum()

    for n, c, h, w in [(1, 1, 3, 3), (2, 2, 5, 7), (2, 3, 17, 33), (1, 5, 70, 65), (3, 20, 4, 4), (1, 64, 3, 7)]:
        target = torch.tensor(pseudo(5, n * h * w)).mul(c).abs().floor().clamp(0, c - 1)
        outside = target.clone()
        outside[::3] = -1
        partial = torch.tensor(pseudo(6, n * h * w)).clamp(0, 1).mul(4).floor().div(4)
        weights = [float(np.float32(0.5 + 0.25 * i)) for i in range(c)]
        x = made(1, n, c, h, w, scale=4)
        for name, t, cover, own in [("plain", target, None, None), ("weighted", target, None, weights), ("covered", target, partial, weights),
                                    ("outside", outside, partial, None)]:
            if h * w > 4096 and name != "covered":
                continue
            inputs = {"x": x, "classes": given(t.tolist(), n, 1, h, w)}
            if cover is not None:
                inputs["coverage"] = given(cover.tolist(), n, 1, h, w)
            family.add("softmaxCrossEntropy", lambda x, t, cover=None: loss(x, t, cover, own), inputs,
                       constants=("classes", "coverage"), weights=own or [], kind=["plain", "weighted", "covered", "outside"].index(name))
    return family


def shift(x, dx, dy, replicate):
    h, w = x.shape[-2:]
    rows, columns = torch.arange(h) - dy, torch.arange(w) - dx
    y = x[..., rows.clamp(0, h - 1), :][..., columns.clamp(0, w - 1)]
    if replicate:
        return y
    inside = ((rows >= 0) & (rows < h))[:, None] & ((columns >= 0) & (columns < w))[None, :]
    return y * inside


def shapes():
    family = Family("shape")
    image = (2, 3, 5, 7)
    for axis, lengths in [(1, (16, 16)), (1, (16, 17, 3)), (1, (3, 16)), (1, (32, 1)), (0, (2, 1)), (2, (3, 2)), (3, (1, 2, 3))]:
        shape = [2, 4, 3, 5]
        inputs = {}
        for i, length in enumerate(lengths):
            own = list(shape)
            own[axis] = length
            inputs[f"x{i}"] = made(i + 1, *own)
        family.add("concatenated", lambda *x: torch.cat(x, axis), inputs, axis=axis)
    for axis in (0, 1, 2):
        family.add("stacked", lambda x0, x1: torch.stack([x0, x1], axis), {"x0": made(1, 3, 4), "x1": made(2, 3, 4)}, axis=axis)
    for axis, a, b in [(0, 1, 2), (1, 0, 2), (2, 1, 5), (3, 2, 7), (-1, 3, 3)]:
        family.add("sliced", lambda x: x.narrow(axis, a, b - a), {"x": made(1, *image)}, axis=axis, range=[a, b])
    family.add("sliced", lambda x: x[:, 16:33], {"x": made(1, 2, 40, 3, 5)}, axis=1, range=[16, 33])
    for top, bottom, left, right, value in [(1, 2, 3, 4, 0), (0, 0, 1, 0, 2.5), (2, 0, 0, 0, -1), (0, 0, 0, 0, 1)]:
        family.add("padded", lambda x: F.pad(x, (left, right, top, bottom), value=value), {"x": made(1, *image)},
                   edges=[top, bottom, left, right], value=value)
    for dx, dy in [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -2), (2, -1), (-3, 4), (9, 0), (0, -9)]:
        for replicate in (0, 1):
            family.add("shifted", lambda x: shift(x, dx, dy, replicate), {"x": made(1, *image)}, dx=dx, dy=dy, replicate=replicate)
    family.add("shifted", lambda x: shift(x, 1, 2, 1), {"x": made(1, 1, 2, 17, 33)}, dx=1, dy=2, replicate=1)
    for axis in (0, 1, -1, -2):
        def forward(x):
            n = x.shape[axis]
            return torch.cat([x.narrow(axis, 1, n - 1), x.narrow(axis, n - 1, 1)], axis) - x

        def central(x):
            n = x.shape[axis]
            after = torch.cat([x.narrow(axis, 1, n - 1), x.narrow(axis, n - 1, 1)], axis)
            before = torch.cat([x.narrow(axis, 0, 1), x.narrow(axis, 0, n - 1)], axis)
            return (after - before) / 2

        family.add("forwardDifference", forward, {"x": made(1, *image)}, axis=axis)
        family.add("centralDifference", central, {"x": made(1, *image)}, axis=axis)
    family.add("forwardDifference", lambda x: x * 0, {"x": made(1, 2, 1)}, axis=-1)
    for order in ([1, 0], [0, 1]):
        family.add("permuted", lambda x: x.permute(order), {"x": made(1, 3, 5)}, order=order)
    for order in ([0, 2, 3, 1], [3, 1, 0, 2]):
        family.add("permuted", lambda x: x.permute(order), {"x": made(1, *image)}, order=order)
    family.add("reshaped", lambda x: x.reshape(6, 35), {"x": made(1, *image)}, shape=[6, 35])
    family.add("broadcast", lambda x: x.expand(2, 3, 4), {"x": made(1, 3, 1)}, shape=[2, 3, 4])
    return family


def pooling():
    family = Family("pooling")
    for n, c, h, w in [(1, 1, 2, 2), (2, 3, 3, 5), (1, 16, 8, 8), (2, 17, 17, 33), (1, 48, 4, 6)]:
        for relu in (0, 1):
            inputs = {"x": made(1, n, c, h, w)}
            gate = F.relu if relu else (lambda t: t)
            family.add("maxPooled2x2", lambda x: F.max_pool2d(gate(x), 2), inputs, relu=relu)
            family.add("globalAveragePooled", lambda x: gate(x).mean((2, 3)), inputs, relu=relu)
        for window, stride, padding in [(2, 2, 0), (2, 1, 0), (3, 2, 1), (3, 1, 1), (2, 2, 1), (5, 3, 2), (1, 2, 0)]:
            if min(h, w) + 2 * padding < window:
                continue
            inputs = {"x": made(window, n, c, h, w)}
            family.add("maxPooled", lambda x: F.max_pool2d(x, window, stride, padding), inputs,
                       window=window, stride=stride, padding=padding)
            for counts in (0, 1):
                if counts and not padding:
                    continue
                family.add("averagePooled",
                           lambda x: F.avg_pool2d(x, window, stride, padding, count_include_pad=bool(counts)), inputs,
                           window=window, stride=stride, padding=padding, counts=counts)
    for n, c, h, w in [(1, 1, 1, 1), (2, 3, 3, 5), (1, 16, 4, 4), (2, 17, 5, 8)]:
        for height, width in [(2 * h, 2 * w), (4 * h, 3 * w), (h, w), (1, 1), (7, 5), (max(1, h // 2), max(1, w // 2))]:
            family.add("resized", lambda x: F.interpolate(x, (height, width), mode="bilinear", align_corners=False),
                       {"x": made(1, n, c, h, w)}, height=height, width=width)
    return family


def composites():
    family = Family("composite")

    def network(normalize, join, x, **p):
        def double(t, name):
            for i in (1, 2):
                t = F.conv2d(t, p[f"{name}{i}"], padding=1)
                t = F.relu(normalize(t, p[f"{name}{i}g"], p[f"{name}{i}o"]))
            return t
        a = double(x, "a")
        b = double(F.max_pool2d(a, 2), "b")
        up = F.conv_transpose2d(b, p["up"], p["upb"], stride=2)
        c = double(torch.cat([a, up], 1) if join else a + up, "c")
        logits = F.conv2d(c, p["head"], p["headb"])
        return logits.mean((2, 3)) + 0.25 * b.mean((2, 3)).sum(1, keepdim=True), {"logits": logits}

    for w1, w2, join in [(16, 32, 1), (8, 17, 1), (16, 16, 0)]:
        for instance in (0, 1):
            inputs, seed = {"x": made(1, 2, 1, 12, 10)}, 10
            middle = 2 * w1 if join else w1
            for name, cin, cout in [("a1", 1, w1), ("a2", w1, w1), ("b1", w1, w2), ("b2", w2, w2), ("c1", middle, w1), ("c2", w1, w1)]:
                seed += 1
                inputs[name] = made(seed, cout, cin, 3, 3, scale=0.25)
                inputs[name + "g"] = made(seed + 50, cout, scale=0.25, offset=1)
                inputs[name + "o"] = made(seed + 100, cout, scale=0.25)
            inputs["up"] = made(31, w2, w1, 2, 2, scale=0.25)
            inputs["upb"] = made(32, w1)
            inputs["head"] = made(33, 1, w1, 1, 1)
            inputs["headb"] = made(34, 1)
            if instance:
                normalize = lambda t, g, o: F.instance_norm(t, weight=g, bias=o, eps=1e-5)
            else:
                normalize = lambda t, g, o: F.batch_norm(t, None, None, g, o, training=True, eps=1e-5)
            family.add("network", lambda *v: network(normalize, join, **dict(zip(inputs, v))), inputs, instance=instance, join=join)
    return family


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for make in (convolutions, normalizations, elementwise, reductions, classes, shapes, pooling, composites):
        make().write(folder)
