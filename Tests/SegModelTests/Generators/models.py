"""A U-Net with both heads in PyTorch, and numbers that both sides make from a name: what the generators here share."""
import torch
import torch.nn.functional as F


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


class Model:
    """A U-Net with both heads, its parameters under the library's paths."""

    def __init__(self, depth, width, normalization, upsampling):
        self.before_unit = None
        self.normalization, self.upsampling = normalization, upsampling
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

    def add(self, path, shape, scale, center=0.0):
        self.parameters[path] = (center + scale * mixed_tensor(path, shape)).float().double().requires_grad_()

    def stage(self, path, inputs, outputs):
        for name, channels in (("first", inputs), ("second", outputs)):
            self.add(f"{path}.{name}.convolution.weight", (outputs, channels, 3, 3), (2 / (channels * 9)) ** 0.5 * 1.7)
            if self.normalization == "none":
                self.add(f"{path}.{name}.convolution.bias", (outputs,), 0.1)
                continue
            self.add(f"{path}.{name}.normalisation.gain", (outputs,), 0.3, 1.0)
            self.add(f"{path}.{name}.normalisation.offset", (outputs,), 0.2)
            if self.normalization == "batch":
                self.buffers[f"{path}.{name}.normalisation.runningMean"] = torch.zeros(outputs, dtype=torch.float64)
                self.buffers[f"{path}.{name}.normalisation.runningVariance"] = torch.ones(outputs, dtype=torch.float64)

    def run_stage(self, path, x, training):
        p = self.parameters
        for name in ("first", "second"):
            unit = f"{path}.{name}"
            if self.before_unit:
                self.before_unit(unit, x)
            x = F.conv2d(x, p[f"{unit}.convolution.weight"], p.get(f"{unit}.convolution.bias"), padding=1)
            gain, offset = p.get(f"{unit}.normalisation.gain"), p.get(f"{unit}.normalisation.offset")
            if self.normalization == "batch":
                mean = self.buffers[f"{unit}.normalisation.runningMean"]
                variance = self.buffers[f"{unit}.normalisation.runningVariance"]
                x = F.batch_norm(x, mean, variance, gain, offset, training, 0.1, 1e-5)
            elif self.normalization == "instance":
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


def scale_of(path, model):
    """Center and scale of a parameter, for the other side to compute the same values."""
    if path.endswith(".gain"):
        return 1.0, 0.3
    if path.endswith(".offset"):
        return 0.0, 0.2
    if path.endswith(".bias"):
        return 0.0, 0.1
    if ".upsampling." in path:
        return 0.0, 0.4
    if path.startswith("heads."):
        return 0.0, 1.0
    channels = model.parameters[path].shape[1]
    return 0.0, (2 / (channels * 9)) ** 0.5 * 1.7
