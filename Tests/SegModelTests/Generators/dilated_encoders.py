"""Writes Fixtures/dilated.json: encoders whose last stages are dilated, as segmentation-models-pytorch and timm compute them.

Run from anywhere with what encoders.py needs and segmentation-models-pytorch: python3 dilated_encoders.py
The networks are torchvision's and timm's, dilated by the function of segmentation-models-pytorch that does it there; ConvNeXt, which
that package leaves to timm, by timm. Weights and images are those of encoders.py, whose fixture lists the tensors.
"""
import importlib.util
import json
import pathlib
import sys

import encoders
import timm
import torch
import torchvision
from encoders import FIXTURES, SIZE, cut, fill, mixed_tensor, part, resnet, timm_stages

# This file alone: the package as a whole also needs what downloads weights.
PACKAGE = pathlib.Path(importlib.util.find_spec("segmentation_models_pytorch").origin).parent
spec = importlib.util.spec_from_file_location("smp_utils", PACKAGE / "encoders" / "_utils.py")
smp_utils = importlib.util.module_from_spec(spec)
spec.loader.exec_module(smp_utils)


def dilated(modules, stages):
    """The modules that lead to 1/16 and to 1/32 of the image, of which the last stages keep their resolution."""
    for (stride, parts) in zip((16, 32), modules):
        rate = stride // (16 if stages == 1 else 8)
        for module in parts if rate > 1 else ():
            smp_utils.replace_strides_with_dilation(module, rate)


def networks():
    """Own name, origin of the names, stages that are dilated, the network, its stages, and a weight to look at."""
    tv = torchvision.models
    for stages in (1, 2):
        model = tv.resnet18(weights=None)
        dilated(([model.layer3], [model.layer4]), stages)
        yield "resnet18", "torchvision", stages, model, resnet, "layer4.1.conv1.weight"
        model = tv.mobilenet_v2(weights=None)
        dilated(([model.features[7:14]], [model.features[14:]]), stages)
        ends = {1, 3, 6, 13, 17}
        yield ("mobilenet-v2", "torchvision", stages, model, lambda m, x: cut(m.features[:18], ends)(x),
               "features.14.conv.1.0.weight")
        model = timm.create_model("tf_efficientnet_lite1", pretrained=False)
        dilated(([model.blocks[3:5]], [model.blocks[5:7]]), stages)
        yield "efficientnet-lite1", "timm", stages, model, timm_stages, "blocks.5.0.conv_dw.weight"
        model = timm.create_model("convnext_tiny", pretrained=False, output_stride=32 >> stages)
        yield "convnext-tiny", "timm", stages, model, timm_stages, "stages.3.downsample.1.weight"
    model = tv.resnet50(weights=None)
    dilated(([model.layer3], [model.layer4]), 2)
    yield "resnet50", "torchvision", 2, model, resnet, "layer4.0.conv2.weight"


def case(name, origin, stages, model, run, weight):
    model = model.double().eval()
    with torch.no_grad():
        fill(model)
    x = mixed_tensor("images", (2, 3, SIZE, SIZE)).float().double().requires_grad_()
    maps = run(model, x)
    loss = sum((m * mixed_tensor(f"stage {i}", tuple(m.shape))).sum() / m.numel() ** 0.5 for i, m in enumerate(maps))
    loss.backward()
    gradients = {"images": part(x.grad), weight: part(dict(model.named_parameters())[weight].grad)}
    sides = [m.shape[2] for m in maps]
    return {"network": name, "origin": origin, "dilatedStages": stages, "sides": sides,
            "inference": [part(m) for m in maps], "gradients": gradients}


if __name__ == "__main__":
    torch.manual_seed(1)
    torch.set_num_threads(1)
    assert encoders.SIZE == 64
    cases = []
    for entry in networks():
        print(*entry[:3], file=sys.stderr, flush=True)
        cases.append(case(*entry))
    (FIXTURES / "dilated.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
