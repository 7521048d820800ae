"""Writes Fixtures/variants.json: every variant of the backbone as PyTorch computes it.

Run from anywhere with Python 3.9 or later and PyTorch: python3 variants.py
Each network is written out here on its own, from the papers' drawings and the library's documentation, with PyTorch's functions;
parameters have the library's paths, and both sides make their values from the path. PyTorch works in double precision.
Of every map and every gradient some values and the norm are kept.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

from models import mixed_tensor

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
torch.set_default_dtype(torch.float64)


class Net:
    """Parameters by path, made when they are first asked for."""

    def __init__(self, normalization="batch", activation="relu"):
        self.normalization, self.activation = normalization, activation
        self.parameters, self.scales, self.buffers = {}, {}, {}
        self.training = True

    def parameter(self, path, shape, scale, center=0.0):
        if path not in self.parameters:
            value = (center + scale * mixed_tensor(path, shape)).float().double().requires_grad_()
            self.parameters[path], self.scales[path] = value, [center, scale]
        return self.parameters[path]

    def act(self, x):
        return {"relu": F.relu, "leaky-relu": lambda t: F.leaky_relu(t, 0.01), "relu6": F.relu6, "silu": F.silu, "gelu": F.gelu}[
            self.activation
        ](x)

    def convolution(self, path, x, outputs, kernel=3, stride=1, dilation=1, groups=1, bias=True):
        inputs = x.shape[1] // groups
        weight = self.parameter(f"{path}.weight", (outputs, inputs, kernel, kernel), (2 / (inputs * kernel**2)) ** 0.5 * 1.7)
        bias = self.parameter(f"{path}.bias", (outputs,), 0.1) if bias else None
        return F.conv2d(x, weight, bias, stride, kernel // 2 * dilation, dilation, groups)

    def norm(self, path, x):
        channels = x.shape[1]
        if self.normalization == "none":
            return x
        gain = self.parameter(f"{path}.gain", (channels,), 0.3, 1.0)
        offset = self.parameter(f"{path}.offset", (channels,), 0.2)
        if self.normalization == "batch":
            mean = self.buffers.setdefault(f"{path}.runningMean", torch.zeros(channels))
            variance = self.buffers.setdefault(f"{path}.runningVariance", torch.ones(channels))
            return F.batch_norm(x, mean, variance, gain, offset, self.training, 0.1, 1e-5)
        if self.normalization == "instance":
            return F.instance_norm(x, weight=gain, bias=offset, eps=1e-5)
        if self.normalization == "group":
            return F.group_norm(x, max(g for g in range(1, 9) if channels % g == 0), gain, offset, 1e-5)
        return F.layer_norm(x.permute(0, 2, 3, 1), (channels,), gain, offset, 1e-5).permute(0, 3, 1, 2)

    def unit(self, path, x, outputs, kernel=3, stride=1, dilation=1, groups=1, activated=True):
        x = self.convolution(f"{path}.convolution", x, outputs, kernel, stride, dilation, groups, self.normalization == "none")
        x = self.norm(f"{path}.normalisation", x)
        return self.act(x) if activated else x

    def linear(self, path, x, outputs):
        weight = self.parameter(f"{path}.weight", (x.shape[1], outputs), 0.8)
        return x @ weight + self.parameter(f"{path}.bias", (outputs,), 0.1)

    def up(self, path, x, outputs, kind="transposed"):
        if kind == "transposed":
            weight = self.parameter(f"{path}.transposed.weight", (x.shape[1], outputs, 2, 2), 0.4)
            return F.conv_transpose2d(x, weight, self.parameter(f"{path}.transposed.bias", (outputs,), 0.1), stride=2)
        x = self.convolution(f"{path}.projection", x, outputs, 1)
        if kind == "nearest":
            return F.interpolate(x, scale_factor=2, mode="nearest")
        return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)

    # Blocks: path, input, output channels, stride, dilation.

    def single(self, path, x, outputs, stride=1, dilation=1):
        return self.unit(path, x, outputs, 3, stride, dilation)

    def double(self, path, x, outputs, stride=1, dilation=1):
        x = self.unit(f"{path}.first", x, outputs, 3, stride, dilation)
        return self.unit(f"{path}.second", x, outputs, 3, 1, dilation)

    def squeeze(self, path, x, reduction=16):
        channels = x.shape[1]
        inner = min(channels, max(4, channels // reduction))
        s = self.linear(f"{path}.squeeze", x.mean((2, 3)), inner)
        s = self.linear(f"{path}.excite", F.relu(s), channels)
        return x * s.sigmoid()[:, :, None, None]

    def residual(self, kind, squeezes):
        def block(path, x, outputs, stride=1, dilation=1):
            changes = stride != 1 or x.shape[1] != outputs
            if kind == "pre-activation":
                y = self.act(self.norm(f"{path}.normalisation.0", x))
                y = self.convolution(f"{path}.convolution.0", y, outputs, 3, stride, dilation)
                y = self.act(self.norm(f"{path}.normalisation.1", y))
                y = self.convolution(f"{path}.convolution.1", y, outputs, 3, 1, dilation)
                if squeezes:
                    y = self.squeeze(f"{path}.squeeze", y)
                return y + (self.convolution(f"{path}.shortcut", x, outputs, 1, stride) if changes else x)
            if kind == "bottleneck":
                inner = max(1, outputs // 4)
                y = self.unit(f"{path}.branch.0", x, inner, 1)
                y = self.unit(f"{path}.branch.1", y, inner, 3, stride, dilation)
                y = self.unit(f"{path}.branch.2", y, outputs, 1, activated=False)
            else:
                y = self.unit(f"{path}.branch.0", x, outputs, 3, stride, dilation)
                y = self.unit(f"{path}.branch.1", y, outputs, 3, 1, dilation, activated=False)
            if squeezes:
                y = self.squeeze(f"{path}.squeeze", y)
            shortcut = self.unit(f"{path}.shortcut", x, outputs, 1, stride, activated=False) if changes else x
            return self.act(y + shortcut)

        return block

    def dense(self, layers, growth=None):
        def block(path, x, outputs, stride=1, dilation=1):
            own = growth or max(4, outputs // 4)
            if stride > 1:
                x = self.unit(f"{path}.entry", x, x.shape[1], 3, stride)
            for index in range(layers):
                x = torch.cat([x, self.unit(f"{path}.layer.{index}", x, own, 3, 1, dilation)], 1)
            return self.unit(f"{path}.transition", x, outputs, 1)

        return block

    def inverted(self, expansion, kernel, squeezes):
        def block(path, x, outputs, stride=1, dilation=1):
            inner = x.shape[1] * expansion
            y = self.unit(f"{path}.expand", x, inner, 1)
            y = self.unit(f"{path}.depthwise", y, inner, kernel, stride, dilation, inner)
            if squeezes:
                y = self.squeeze(f"{path}.squeeze", y, 4)
            y = self.unit(f"{path}.project", y, outputs, 1, activated=False)
            return x + y if stride == 1 and x.shape[1] == outputs else y

        return block

    def separable_once(self, path, x, outputs, stride=1, dilation=1):
        x = self.unit(f"{path}.depthwise", x, x.shape[1], 3, stride, dilation, x.shape[1])
        return self.unit(f"{path}.pointwise", x, outputs, 1)

    def separable(self, path, x, outputs, stride=1, dilation=1):
        x = self.separable_once(f"{path}.0", x, outputs, stride, dilation)
        return self.separable_once(f"{path}.1", x, outputs, 1, dilation)

    # Encoders and decoders.

    def encode(self, x, block, widths, blocks=None, strided=False, stem=False, dilated=0):
        if stem:
            x = self.unit("stem", x, widths[0])
        stages, dilation = [], 1
        for index, width in enumerate(widths):
            halves = 0 < index < len(widths) - dilated
            if index and not halves:
                dilation *= 2
            if halves and not strided:
                x = F.max_pool2d(x, 2)
            count = blocks[index] if blocks else 1
            for number in range(count):
                path = f"encoder.{index}" + (f".{number}" if count > 1 else "")
                x = block(path, x, width, 2 if halves and strided and number == 0 else 1, dilation)
            stages.append(x)
        return stages

    def unet(self, stages, block, skip="concatenate", up="transposed"):
        x, levels = stages[-1], []
        for step, feature in enumerate(reversed(stages[:-1])):
            width = feature.shape[1]
            x = self.up(f"upsampling.{step}", x, width, up)
            if skip == "add":
                x = x + feature
            else:
                if skip == "attention":
                    inner = max(1, width // 2)
                    path = f"skip.{step}"
                    both = self.unit(f"{path}.skip", feature, inner, 1, activated=False)
                    both = F.relu(both + self.unit(f"{path}.gate", x, inner, 1, activated=False))
                    feature = feature * self.unit(f"{path}.attention", both, 1, 1, activated=False).sigmoid()
                x = torch.cat([feature, x], 1)
            x = block(f"decoder.{step}", x, width)
            levels.insert(0, x)
        return levels

    def nested(self, stages, up="transposed"):
        grid = {(i, 0): stage for i, stage in enumerate(stages)}
        depth = len(stages)
        for j in range(1, depth):
            for i in range(depth - j):
                width = stages[i].shape[1]
                parts = [grid[i, k] for k in range(j)]
                parts.append(self.up(f"upsampling.{j - 1}.{i}", grid[i + 1, j - 1], width, up))
                grid[i, j] = self.double(f"node.{j - 1}.{i}", torch.cat(parts, 1), width)
        return [grid[0, j] for j in reversed(range(1, depth))]

    def full_scale(self, stages, channels):
        depth, decoded = len(stages), {len(stages) - 1: stages[-1]}
        for step, level in enumerate(reversed(range(depth - 1))):
            parts = []
            for source in range(depth):
                if source <= level:
                    x = F.max_pool2d(stages[source], 2 ** (level - source)) if source < level else stages[source]
                else:
                    x = F.interpolate(decoded[source], stages[level].shape[2:], mode="bilinear", align_corners=False)
                parts.append(self.unit(f"source.{step}.{source}", x, channels))
            decoded[level] = self.unit(f"join.{step}", torch.cat(parts, 1), depth * channels)
        return [decoded[level] for level in range(depth - 1)]

    def link(self, stages, up="transposed"):
        x, levels = stages[-1], []
        for step, feature in enumerate(reversed(stages[:-1])):
            inner = max(1, x.shape[1] // 4)
            y = self.unit(f"reduce.{step}", x, inner, 1)
            y = self.up(f"upsampling.{step}", y, inner, up)
            x = self.unit(f"expand.{step}", y, feature.shape[1], 1) + feature
            levels.insert(0, x)
        return levels

    def pyramid(self, stages, channels):
        maps = [self.convolution(f"lateral.{i}", s, channels, 1) for i, s in enumerate(stages)]
        for i in reversed(range(len(maps) - 1)):
            maps[i] = maps[i] + F.interpolate(maps[i + 1], scale_factor=2, mode="nearest")
        levels = [self.unit(f"smoothing.{i}", m, channels) for i, m in enumerate(maps)]
        size = levels[0].shape[2:]
        total = sum([F.interpolate(l, size, mode="bilinear", align_corners=False) for l in levels[1:]], levels[0])
        return [self.unit("merge", total, channels)] + levels[1:]

    def atrous(self, stages, channels, rates, low_channels, enlarges=True):
        deep = stages[-1]
        parts = [self.unit("point", deep, channels, 1)]
        parts += [self.unit(f"atrous.{i}", deep, channels, 3, dilation=rate) for i, rate in enumerate(rates)]
        pooled = self.act(self.linear("pooled", deep.mean((2, 3)), channels))
        parts.append(pooled[:, :, None, None].expand_as(parts[0]))
        x = self.unit("project", torch.cat(parts, 1), channels, 1)
        low = self.unit("low", stages[min(2, len(stages) - 1)], low_channels, 1)
        x = torch.cat([F.interpolate(x, low.shape[2:], mode="bilinear", align_corners=False), low], 1)
        for index in range(2):
            x = self.separable_once(f"refine.{index}", x, channels)
        if not enlarges:
            return [x, x]
        return [F.interpolate(x, stages[0].shape[2:], mode="bilinear", align_corners=False), x]


def network(kind):
    """A net and a function from images to stages and levels."""
    if kind == "residual-unet":
        net = Net("instance", "leaky-relu")
        run = lambda x: net.encode(x, net.residual("basic", False), [4, 8, 12], [1, 3, 4], True, True)
        return net, run, lambda s: net.unet(s, net.single)
    if kind == "residual-unet bottleneck":
        net = Net("batch", "relu")
        run = lambda x: net.encode(x, net.residual("bottleneck", True), [8, 16], [2, 1], True, True)
        return net, run, lambda s: net.unet(s, net.single, up="bilinear")
    if kind == "residual-unet pre-activation":
        net = Net("group", "silu")
        run = lambda x: net.encode(x, net.residual("pre-activation", False), [4, 8, 16], [1, 1, 2], True, True)
        return net, run, lambda s: net.unet(s, net.single)
    if kind == "attention-unet":
        net = Net("batch", "relu")
        return net, lambda x: net.encode(x, net.double, [4, 8, 16]), lambda s: net.unet(s, net.double, "attention")
    if kind == "unet-plus-plus":
        net = Net("batch", "relu")
        return net, lambda x: net.encode(x, net.double, [4, 8, 16, 20]), lambda s: net.nested(s, "bilinear")
    if kind == "dense-unet":
        net = Net("group", "gelu")
        block = net.dense(2, 5)
        return net, lambda x: net.encode(x, block, [8, 16, 24]), lambda s: net.unet(s, block)
    if kind == "unet3-plus":
        net = Net("batch", "relu")
        return net, lambda x: net.encode(x, net.double, [3, 6, 12]), lambda s: net.full_scale(s, 4)
    if kind == "linknet":
        net = Net("batch", "relu6")
        run = lambda x: net.encode(x, net.residual("basic", False), [8, 16, 32], [1, 1, 1], True, True)
        return net, run, net.link
    if kind == "fpn":
        net = Net("layer", "relu")
        run = lambda x: net.encode(x, net.residual("basic", False), [4, 8, 16], [1, 1, 1], True, True)
        return net, run, lambda s: net.pyramid(s, 6)
    if kind == "deeplabv3-plus":
        net = Net("batch", "relu")
        run = lambda x: net.encode(x, net.residual("basic", False), [4, 8, 16, 16], [1] * 4, True, True, 1)
        return net, run, lambda s: net.atrous(s, 16, [1, 2, 3], 3)
    net = Net("none", "gelu")
    block = net.inverted(2, 5, True)
    run = lambda x: net.encode(x, block, [4, 8, 8], None, True, True)
    return net, run, lambda s: net.unet(s, net.separable, "add", "nearest")


def rounded(values):
    return [float(f"{value:.7g}") for value in values]


def some(tensor, count):
    flat = tensor.detach().reshape(-1)
    step = max(1, len(flat) // count)
    return {"values": rounded(flat[::step][:count].tolist()), "norm": rounded([flat.norm().item()])[0]}


def case(kind, channels=1, height=16, width=24):
    net, encode, decode = network(kind)
    images = mixed_tensor("images", (2, channels, height, width))

    def run():
        stages = encode(images)
        levels = decode(stages)
        maps = {f"stages.{i}": s for i, s in enumerate(stages)} | {f"levels.{i}": l for i, l in enumerate(levels)}
        assert levels[0].shape[2:] == images.shape[2:]
        return maps

    maps = run()
    loss = sum((value * mixed_tensor(name, value.shape)).sum() for name, value in maps.items())
    loss.backward()
    gradients = {path: some(value.grad, 6) for path, value in net.parameters.items()}
    buffers = {path: some(value, 6) for path, value in net.buffers.items()}
    net.training = False
    with torch.no_grad():
        inference = run()
    return {
        "kind": kind, "channels": channels, "height": height, "width": width, "scales": net.scales,
        "training": {name: some(value, 12) for name, value in maps.items()},
        "inference": {name: some(value, 12) for name, value in inference.items()},
        "gradients": gradients, "buffers": buffers,
    }


KINDS = ["residual-unet", "residual-unet bottleneck", "residual-unet pre-activation", "attention-unet", "unet-plus-plus", "dense-unet",
         "unet3-plus", "linknet", "fpn", "deeplabv3-plus", "composed"]

if __name__ == "__main__":
    path = FIXTURES / "variants.json"
    cases = [case(kind, channels=3 if kind == "linknet" else 1) for kind in KINDS]
    path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    print(path.name, path.stat().st_size, "bytes")
