"""Writes Fixtures/unet.json, benchnet.json and losses.json: what PyTorch computes for models and for the losses.

Run from anywhere with Python 3.9 or later and PyTorch: python3 generate_fixtures.py
Weights, images and targets are not stored: both sides compute them with `mixed`, exactly, from a name and an index.
PyTorch works in double precision, so that the only rounding in a comparison is the library's own.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

from kinks import keep_clear
from models import Model, dice_loss, mixed_tensor, scale_of

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().reshape(-1).tolist()]


def model_case(depth, width, normalization, upsampling, height, size):
    torch.set_default_dtype(torch.float64)
    model = Model(depth, width, normalization, upsampling)
    images = mixed_tensor("images", (3, 1, height, size))
    masks = (mixed_tensor("masks", (3, 1, height, size)) > 0.3).double()
    masks[2] = 0
    malignant, known = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([1.0, 0.0, 1.0])
    logits, malignancy = model(images, True)
    segmentation = F.binary_cross_entropy_with_logits(logits, masks) + dice_loss(logits.sigmoid(), masks, 1, "smoothed")
    errors = F.binary_cross_entropy_with_logits(malignancy, malignant, reduction="none")
    classification = (errors * known).sum() / known.sum()
    (segmentation + classification).backward()
    with torch.no_grad():
        inference = model(images, False)
    return {
        "depth": depth, "width": width, "normalization": normalization, "upsampling": upsampling,
        "height": height, "imageWidth": size,
        "logits": rounded(logits), "malignancy": rounded(malignancy),
        "segmentationLoss": segmentation.item(), "classificationLoss": classification.item(),
        "scales": {path: list(scale_of(path, model)) for path in model.parameters},
        "gradients": {path: rounded(value.grad) for path, value in model.parameters.items()},
        "buffers": {path: rounded(value) for path, value in model.buffers.items()},
        "inferenceLogits": rounded(inference[0]), "inferenceMalignancy": rounded(inference[1]),
    }


SAMPLES = 256


def bench_case(normalization, clear):
    """The bench net at its full size: samples of each gradient, and how far PyTorch's own float32 is from its float64.

    A clear one has no value near a ReLU's kink and no near tie in a pooling window. In the other a few of the millions are
    so close that rounding decides on which side they fall, and each moves the gradient by as much as a pixel weighs in it.
    """
    shape = (8, 1, 128, 128)
    torch.set_default_dtype(torch.float64)
    chosen = Model(5, 16, normalization, "transposed")
    redrawn, margin = keep_clear(chosen, mixed_tensor("images", shape)) if clear else ({}, None)
    gradients = {}
    for kind in (torch.float64, torch.float32):
        torch.set_default_dtype(kind)
        model = Model(5, 16, normalization, "transposed")
        for path, value in chosen.parameters.items():
            model.parameters[path] = value.detach().to(kind).requires_grad_()
        for path, value in model.buffers.items():
            model.buffers[path] = value.to(kind)
        masks = (mixed_tensor("masks", shape) > 0.3).to(kind)
        labels = torch.tensor([1.0, 0.0] * 4)
        logits, malignancy = model(mixed_tensor("images", shape).to(kind), True)
        loss = F.binary_cross_entropy_with_logits(logits, masks) + dice_loss(logits.sigmoid(), masks, 1, "smoothed")
        (loss + F.binary_cross_entropy_with_logits(malignancy, labels)).backward()
        gradients[kind] = {path: value.grad.double().reshape(-1) for path, value in model.parameters.items()}
    torch.set_default_dtype(torch.float64)
    exact, single = gradients[torch.float64], gradients[torch.float32]

    def some(values):
        return values[:: max(1, len(values) // SAMPLES)][:SAMPLES]

    errors = {path: ((single[path] - value).norm() / value.norm()).item() for path, value in exact.items()}
    print(normalization, "clear" if clear else "ordinary", "PyTorch's 32 bits: largest", max(errors.items(), key=lambda e: e[1]))
    return {
        "normalization": normalization,
        "margin": margin,
        "scales": {path: list(scale_of(path, model)) for path in model.parameters},
        "redrawn": redrawn,
        "offsets": {
            path: [float(f"{offset:.9g}") for offset in value.tolist()]
            for path, value in chosen.parameters.items() if clear and path.endswith(".offset")
        },
        "gradients": {path: rounded(some(value)) for path, value in exact.items()},
        "norms": {path: value.norm().item() for path, value in exact.items()},
        "float32Errors": errors,
    }


def loss_case(policy, smoothing, empty):
    logits = (4 * mixed_tensor("loss logits", (3, 1, 5, 7))).requires_grad_()
    targets = (mixed_tensor("loss targets", (3, 1, 5, 7)) > 0).double()
    for image in empty:
        targets[image] = 0
    dice = dice_loss(logits.sigmoid(), targets, smoothing, policy)
    gradient, = torch.autograd.grad(dice, logits) if dice.requires_grad else (torch.zeros_like(logits),)
    entropy = F.binary_cross_entropy_with_logits(logits, targets)
    entropy_gradient, = torch.autograd.grad(entropy, logits)
    return {
        "policy": policy, "smoothing": smoothing, "empty": empty,
        "dice": dice.item(), "diceGradient": rounded(gradient),
        "crossEntropy": entropy.item(), "crossEntropyGradient": rounded(entropy_gradient),
    }


def write(name, cases):
    path = FIXTURES / name
    path.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
    print(path.name, path.stat().st_size, "bytes")


write("unet.json", [
    model_case(3, 3, "batch", "transposed", 8, 12),
    model_case(3, 2, "instance", "bilinear", 12, 8),
    model_case(2, 3, "none", "transposed", 6, 10),
])
write("losses.json", [
    loss_case("smoothed", 1.0, []),
    loss_case("smoothed", 0.1, [1]),
    loss_case("excluded", 1.0, [1]),
    loss_case("excluded", 1.0, [0, 1, 2]),
])
write("benchnet.json", [bench_case(kind, clear) for kind in ("batch", "instance") for clear in (False, True)])
