"""Writes Fixtures/encoders.json: encoders with published weights, as torchvision, timm and efficientnet-lite-pytorch compute them.

Run from anywhere with Python 3.9 or later, PyTorch, torchvision, timm and efficientnet-lite-pytorch: python3 encoders.py
Both sides make the weights from the names of the tensors as the library publishes them, so that no weights are committed. Of every
map and of some gradients some values and the norm are kept. PyTorch works in double precision.
"""
import json
import pathlib
import sys
import types

# torchvision from PyPI may have been built for another PyTorch: its own operators are not needed here.
sys.modules.setdefault("torchvision._meta_registrations", types.ModuleType("torchvision._meta_registrations"))

import numpy
import timm
import torch
import torchvision
from efficientnet_lite_pytorch import EfficientNet

from models import name_hash

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
torch.set_default_dtype(torch.float64)
SIZE = 64


def mixed_tensor(name, shape):
    """As models.py's of this name, for millions of values."""
    x = (numpy.arange(int(numpy.prod(shape)), dtype=numpy.uint64) * 2654435761 + name_hash(name)).astype(numpy.uint32)
    x ^= x >> 15
    x = (x.astype(numpy.uint64) * 2246822519).astype(numpy.uint32)
    x ^= x >> 13
    x = (x.astype(numpy.uint64) * 3266489917).astype(numpy.uint32)
    x ^= x >> 16
    return torch.from_numpy((x >> 8).astype(numpy.float64) / 2**23 - 1).reshape(shape)


def is_used(name):
    """Whether a tensor is no part of the classifier."""
    unused = ("fc.", "classifier.", "head.", "pre_logits.", "_fc.", "_conv_head.", "conv_head.")
    return not name.startswith(unused) and not name.endswith("num_batches_tracked")


def fill(model):
    """Gives every tensor values that its name decides on, and returns center and scale of each."""
    scales = {}
    for name, tensor in model.state_dict().items():
        if not is_used(name):
            continue
        if name.endswith("running_var"):
            center, scale = 1.0, 0.3
        elif name.endswith("running_mean"):
            center, scale = 0.0, 0.2
        elif name.endswith(("gamma", "layer_scale")):
            center, scale = 0.3, 0.2
        elif tensor.dim() == 1 and name.endswith("weight"):
            center, scale = 1.0, 0.3
        elif tensor.dim() == 1:
            center, scale = 0.0, 0.1
        else:
            fan_in = tensor[0].numel()
            center, scale = 0.0, (2 / fan_in) ** 0.5 * 1.4
        tensor.copy_((center + scale * mixed_tensor(name, tuple(tensor.shape))).float().double())
        scales[name] = [center, scale, list(tensor.shape)]
    return scales


def part(tensor, wanted=24):
    values = tensor.detach().flatten()
    step = max(1, values.numel() // wanted)
    return {"values": [float(v) for v in values[::step][:wanted]], "norm": float(values.norm())}


def resnet(model, x):
    stages = [model.relu(model.bn1(model.conv1(x)))]
    stages.append(model.layer1(model.maxpool(stages[0])))
    for layer in (model.layer2, model.layer3, model.layer4):
        stages.append(layer(stages[-1]))
    return stages


def cut(layers, ends):
    def stages(x):
        result = []
        for index, layer in enumerate(layers):
            x = layer(x)
            if index in ends:
                result.append(x)
        return result

    return stages


def lite(model, x):
    model._global_params = model._global_params._replace(drop_connect_rate=0.0)
    x = model._relu(model._bn0(model._conv_stem(x))) if hasattr(model, "_relu") else torch.nn.functional.relu6(model._bn0(model._conv_stem(x)))
    stages = []
    for index, block in enumerate(model._blocks):
        stride = block._depthwise_conv.stride
        stride = stride if isinstance(stride, int) else stride[0]
        if stride == 2:
            stages.append(x)
        x = block(x)
    return stages + [x]


def networks():
    tv = torchvision.models
    for name in ("resnet18", "resnet34", "resnet50"):
        model = getattr(tv, name)(weights=None)
        yield name, "torchvision", model, lambda x, model=model: resnet(model, x), "conv1.weight", "layer3.0.conv2.weight"
    model = tv.mobilenet_v2(weights=None)
    yield "mobilenet-v2", "torchvision", model, cut(model.features[:18], {1, 3, 6, 13, 17}), "features.0.0.weight", "features.8.conv.1.0.weight"
    # Without its classifier, which has more weights than all other networks here together.
    model = torch.nn.Module()
    model.features = tv.vgg.make_layers(tv.vgg.cfgs["D"], batch_norm=True)
    yield "vgg16-bn", "torchvision", model, cut(model.features, {5, 12, 22, 32, 42}), "features.0.weight", "features.24.weight"
    model = tv.convnext_tiny(weights=None)
    for module in model.modules():
        if isinstance(module, torchvision.ops.StochasticDepth):
            module.p = 0.0
    yield "convnext-tiny", "torchvision", model, cut(model.features, {1, 3, 5, 7}), "features.0.0.weight", "features.5.0.block.3.weight"
    # The padding of Lite1 and Lite2 is fixed to sizes there that are no multiples of 32: timm has them for any size.
    model = EfficientNet.from_name("efficientnet-lite0")
    yield "efficientnet-lite0", "efficientnet-lite-pytorch", model, lambda x, model=model: lite(model, x), "_conv_stem.weight", "_blocks.5._depthwise_conv.weight"
    for name, own, last in (
        ("tf_efficientnet_lite1", "efficientnet-lite1", "blocks.3.0.conv_dw.weight"),
        ("tf_efficientnet_lite2", "efficientnet-lite2", "blocks.3.0.conv_dw.weight"),
        ("mobilenetv2_100", "mobilenet-v2", "blocks.3.0.conv_dw.weight"),
        ("convnext_tiny", "convnext-tiny", "stages.2.blocks.0.mlp.fc1.weight"),
    ):
        model = timm.create_model(name, pretrained=False)
        yield own, "timm", model, lambda x, model=model: timm_stages(model, x), "stem.0.weight" if own == "convnext-tiny" else "conv_stem.weight", last


def timm_stages(model, x):
    result = []
    if hasattr(model, "stages"):
        x = model.stem(x)
        for stage in model.stages:
            x = stage(x)
            result.append(x)
        return result
    x = model.bn1(model.conv_stem(x))
    for index, block in enumerate(model.blocks):
        x = block(x)
        if index in (0, 1, 2, 4, 6):
            result.append(x)
    return result


def case(name, origin, model, stages, stem, last):
    model = model.double()
    head = {"timm": "bn2.", "efficientnet-lite-pytorch": "_bn1.", "torchvision": "features.18."}[origin]
    if name == "vgg16-bn":
        head = "classifier."
    with torch.no_grad():
        scales = {key: value for key, value in fill(model).items() if not key.startswith(head)}
    x = mixed_tensor("images", (2, 3, SIZE, SIZE)).float().double().requires_grad_()
    result = {"network": name, "origin": origin, "tensors": scales, "size": SIZE}
    model.eval()
    maps = stages(x)
    result["inference"] = [part(m) for m in maps]
    loss = sum((m * mixed_tensor(f"stage {i}", tuple(m.shape))).sum() / m.numel() ** 0.5 for i, m in enumerate(maps))
    loss.backward()
    parameters = dict(model.named_parameters())
    result["gradients"] = {"images": part(x.grad), stem: part(parameters[stem].grad), last: part(parameters[last].grad)}
    if name not in ("resnet34", "resnet50", "vgg16-bn") and origin != "timm":
        model.train()
        with torch.no_grad():
            result["training"] = [part(m) for m in stages(mixed_tensor("images", (2, 3, SIZE, SIZE)).float().double())]
    return result


if __name__ == "__main__":
    torch.manual_seed(1)
    cases = []
    for entry in networks():
        print(*entry[:2], file=sys.stderr)
        cases.append(case(*entry))
    (FIXTURES / "encoders.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
