"""Writes Fixtures/unet.json, benchnet.json and losses.json: what PyTorch computes for models and for the losses.

Run from anywhere with Python 3.9 or later and PyTorch: python3 generate_fixtures.py
Weights, images and targets are not stored: both sides compute them with `mixed`, exactly, from a name and an index.
PyTorch works in double precision, so that the only rounding in a comparison is the library's own.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"


def name_hash(name):
    """FNV-1a, 32 bits."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def mixed(name, count):
    """Numbers in -1...1, multiples of 2^-23, that look random."""
    seed, numbers = name_hash(name), []
    for index in range(count):
        x = (index * 2654435761 + seed) % 2**32
        x ^= x >> 15
        x = x * 2246822519 % 2**32
        x ^= x >> 13
        x = x * 3266489917 % 2**32
        x ^= x >> 16
        numbers.append((x >> 8) / 2**23 - 1)
    return numbers


def mixed_tensor(name, shape):
    count = 1
    for length in shape:
        count *= length
    return torch.tensor(mixed(name, count), dtype=torch.float64).reshape(shape)


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().reshape(-1).tolist()]


class Model:
    """A U-Net with both heads, its parameters under the library's paths."""

    def __init__(self, depth, width, normalisation, upsampling, offset=0.0):
        self.offset = offset
        self.normalisation, self.upsampling = normalisation, upsampling
        self.widths = [width << level for level in range(depth)]
        self.parameters, self.buffers = {}, {}
        for level, channels in enumerate(self.widths):
            self.stage(f"backbone.encoder.{level}", self.widths[level - 1] if level else 1, channels)
        for step, level in enumerate(reversed(range(depth - 1))):
            low, high = self.widths[level + 1], self.widths[level]
            if upsampling == "transposed":
                self.add(f"backbone.upsampling.{step}.transposed.weight", (low, high, 2, 2), 0.4)
                self.add(f"backbone.upsampling.{step}.transposed.bias", (high,), 0.1)
            else:
                self.add(f"backbone.upsampling.{step}.projection.weight", (high, low, 1, 1), 0.4)
                self.add(f"backbone.upsampling.{step}.projection.bias", (high,), 0.1)
            self.stage(f"backbone.decoder.{step}", 2 * high, high)
        self.add("heads.segmentation.convolution.weight", (1, width, 1, 1), 1)
        self.add("heads.segmentation.convolution.bias", (1,), 0.1)
        self.add("heads.classification.linear.weight", (self.widths[-1], 1), 1)
        self.add("heads.classification.linear.bias", (1,), 0.1)

    def add(self, path, shape, scale, centre=0.0):
        self.parameters[path] = (centre + scale * mixed_tensor(path, shape)).float().double().requires_grad_()

    def stage(self, path, inputs, outputs):
        for name, channels in (("first", inputs), ("second", outputs)):
            self.add(f"{path}.{name}.convolution.weight", (outputs, channels, 3, 3), (2 / (channels * 9)) ** 0.5 * 1.7)
            if self.normalisation == "none":
                self.add(f"{path}.{name}.convolution.bias", (outputs,), 0.1)
                continue
            self.add(f"{path}.{name}.normalisation.gain", (outputs,), 0.3, 1.0)
            self.add(f"{path}.{name}.normalisation.offset", (outputs,), 0.2, self.offset)
            if self.normalisation == "batch":
                self.buffers[f"{path}.{name}.normalisation.runningMean"] = torch.zeros(outputs, dtype=torch.float64)
                self.buffers[f"{path}.{name}.normalisation.runningVariance"] = torch.ones(outputs, dtype=torch.float64)

    def run_stage(self, path, x, training):
        p = self.parameters
        for name in ("first", "second"):
            unit = f"{path}.{name}"
            x = F.conv2d(x, p[f"{unit}.convolution.weight"], p.get(f"{unit}.convolution.bias"), padding=1)
            gain, offset = p.get(f"{unit}.normalisation.gain"), p.get(f"{unit}.normalisation.offset")
            if self.normalisation == "batch":
                mean = self.buffers[f"{unit}.normalisation.runningMean"]
                variance = self.buffers[f"{unit}.normalisation.runningVariance"]
                x = F.batch_norm(x, mean, variance, gain, offset, training, 0.1, 1e-5)
            elif self.normalisation == "instance":
                x = F.instance_norm(x, weight=gain, bias=offset, eps=1e-5)
            x = F.relu(x)
        return x

    def __call__(self, x, training):
        p, skips = self.parameters, []
        for level in range(len(self.widths)):
            x = self.run_stage(f"backbone.encoder.{level}", x, training)
            if level < len(self.widths) - 1:
                skips.append(x)
                x = F.max_pool2d(x, 2)
        malignancy = x.mean(dim=(2, 3)) @ p["heads.classification.linear.weight"]
        malignancy = (malignancy + p["heads.classification.linear.bias"]).reshape(-1)
        for step in range(len(self.widths) - 1):
            up = f"backbone.upsampling.{step}"
            if self.upsampling == "transposed":
                x = F.conv_transpose2d(x, p[f"{up}.transposed.weight"], p[f"{up}.transposed.bias"], stride=2)
            else:
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
                x = F.conv2d(x, p[f"{up}.projection.weight"], p[f"{up}.projection.bias"])
            x = self.run_stage(f"backbone.decoder.{step}", torch.cat([skips.pop(), x], dim=1), training)
        logits = F.conv2d(x, p["heads.segmentation.convolution.weight"], p["heads.segmentation.convolution.bias"])
        return logits, malignancy


def dice_loss(probabilities, targets, smoothing, policy):
    overlap = (probabilities * targets).sum(dim=(1, 2, 3))
    dice = (2 * overlap + smoothing) / (probabilities.sum(dim=(1, 2, 3)) + targets.sum(dim=(1, 2, 3)) + smoothing)
    if policy == "smoothed":
        return (1 - dice).mean()
    kept = (targets.sum(dim=(1, 2, 3)) > 0).double()
    return ((1 - dice) * kept).sum() / kept.sum().clamp(min=1)


def model_case(depth, width, normalisation, upsampling, height, size):
    torch.set_default_dtype(torch.float64)
    model = Model(depth, width, normalisation, upsampling)
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
        "depth": depth, "width": width, "normalisation": normalisation, "upsampling": upsampling,
        "height": height, "imageWidth": size,
        "logits": rounded(logits), "malignancy": rounded(malignancy),
        "segmentationLoss": segmentation.item(), "classificationLoss": classification.item(),
        "scales": {path: list(scale_of(path, model)) for path in model.parameters},
        "gradients": {path: rounded(value.grad) for path, value in model.parameters.items()},
        "buffers": {path: rounded(value) for path, value in model.buffers.items()},
        "inferenceLogits": rounded(inference[0]), "inferenceMalignancy": rounded(inference[1]),
    }


def scale_of(path, model):
    """Centre and scale of a parameter, for the other side to compute the same values."""
    if path.endswith(".gain"):
        return 1.0, 0.3
    if path.endswith(".offset"):
        return model.offset, 0.2
    if path.endswith(".bias"):
        return 0.0, 0.1
    if ".upsampling." in path:
        return 0.0, 0.4
    if path.startswith("heads."):
        return 0.0, 1.0
    channels = model.parameters[path].shape[1]
    return 0.0, (2 / (channels * 9)) ** 0.5 * 1.7


SAMPLES = 256


def bench_case(normalisation, offset):
    """The bench net at its full size: samples of each gradient, and how far PyTorch's own float32 is from its float64.

    With an offset of 6 all values lie far above the ReLUs' kinks. Without, some of the millions lie so close to one that
    rounding decides on which side, and each of those moves the gradient by as much as a pixel weighs in it.
    """
    gradients = {}
    for kind in (torch.float64, torch.float32):
        torch.set_default_dtype(kind)
        model = Model(5, 16, normalisation, "transposed", offset)
        for path, value in model.parameters.items():
            model.parameters[path] = value.detach().to(kind).requires_grad_()
        for path, value in model.buffers.items():
            model.buffers[path] = value.to(kind)
        shape = (8, 1, 128, 128)
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

    return {
        "normalisation": normalisation,
        "offset": offset,
        "scales": {path: list(scale_of(path, model)) for path in model.parameters},
        "gradients": {path: rounded(some(value)) for path, value in exact.items()},
        "norms": {path: value.norm().item() for path, value in exact.items()},
        "float32Errors": {
            path: ((some(single[path]) - some(value)).norm() / some(value).norm()).item()
            for path, value in exact.items()
        },
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
write("benchnet.json", [bench_case(kind, offset) for kind in ("batch", "instance") for offset in (0.0, 6.0)])
