"""The library's other backbones and encoders in PyTorch, with the bench net's heads.

The networks are those that prove the library's numbers, in Tests/SegModelTests/Generators/variants.py, in the sizes that the
library's settings have by default: five stages from 16 channels on. Encoders of published networks are torchvision's and timm's,
without weights, and end in the U-Net's decoder.
"""

import pathlib
import sys
import types

import torch
import torch.nn.functional as functional
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "SegModelTests" / "Generators"))
from variants import Net  # noqa: E402

# The generator works in double precision.
torch.set_default_dtype(torch.float32)

WIDTHS = [16, 32, 64, 128, 256]
DETAIL_WIDTH = 16


class Tensors:
    """Running statistics as buffers of a module, which torch.compile can fold."""

    def __init__(self, owner):
        self.owner = owner

    def setdefault(self, path, value):
        name = path.replace(".", "_")
        if not hasattr(self.owner, name):
            self.owner.register_buffer(name, value)
        return getattr(self.owner, name)


class TimedNet(Net):
    """Keeps its parameters in a module, and overwrites activations where PyTorch can."""

    def __init__(self, owner):
        super().__init__()
        self.owner, self.buffers = owner, Tensors(owner)

    def parameter(self, path, shape, scale, center=0.0):
        name = path.replace(".", "_")
        if not hasattr(self.owner, name):
            self.owner.register_parameter(name, nn.Parameter(center + scale * torch.randn(shape)))
        return getattr(self.owner, name)

    def act(self, x):
        return functional.relu(x, inplace=True)


class Variant(nn.Module):
    def __init__(self, backbone, encoder=None):
        super().__init__()
        self.net = TimedNet(self)
        self.trunk = Trunk(encoder) if encoder else None
        self.backbone = backbone
        self.eval()
        with torch.no_grad():
            self(torch.zeros(1, 1, 64, 64))

    def forward(self, images):
        net = self.net
        net.training = self.training
        stages = self.stages(images)
        dense = self.decoded(stages)
        mask = net.convolution("mask", dense, 1, 1)
        if dense.shape[2:] != images.shape[2:]:
            # DeepLabv3+ makes the mask large, not the features that it is made of: the same values for less work.
            mask = functional.interpolate(mask, images.shape[2:], mode="bilinear", align_corners=False)
        return mask, net.linear("malignancy", stages[-1].mean((2, 3)), 1)

    def stages(self, x):
        net, name = self.net, self.backbone
        if self.trunk is not None:
            detail = []
            for index in range(self.trunk.scale // 2):
                before = detail[-1] if detail else x
                detail.append(net.unit(f"detail.{index}", before, DETAIL_WIDTH << index, stride=1 + min(1, index)))
            return detail + self.trunk(x)
        if name in ("unet", "attention-unet", "unet-plus-plus", "unet3-plus"):
            return net.encode(x, net.double, WIDTHS)
        if name == "dense-unet":
            return net.encode(x, net.dense(4), WIDTHS)
        blocks = {"residual-unet": [1, 3, 4, 6, 6], "linknet": [2] * 5}.get(name, [1] * 5)
        dilated = 1 if name == "deeplabv3-plus" else 0
        return net.encode(x, net.residual("basic", False), WIDTHS, blocks, True, True, dilated)

    def decoded(self, stages):
        net, name = self.net, self.backbone
        if name == "attention-unet":
            return net.unet(stages, net.double, "attention")[0]
        if name == "unet-plus-plus":
            return net.nested(stages)[0]
        if name == "dense-unet":
            return net.unet(stages, net.dense(4))[0]
        if name == "unet3-plus":
            return net.full_scale(stages, WIDTHS[0])[0]
        if name == "linknet":
            return net.link(stages)[0]
        if name == "fpn":
            return net.pyramid(stages, 32)[0]
        if name == "deeplabv3-plus":
            return net.atrous(stages, 64, [6, 12, 18], 12, enlarges=False)[0]
        return net.unet(stages, net.single if name == "residual-unet" else net.double)[0]


class Trunk(nn.Module):
    """The stages of a published network for gray images; `scale` is that of the first."""

    def __init__(self, name):
        super().__init__()
        # torchvision from PyPI may have been built for another PyTorch: its own operators are not needed here.
        sys.modules.setdefault("torchvision._meta_registrations", types.ModuleType("torchvision._meta_registrations"))
        self.scale, parts = getattr(self, name.split("-")[0].rstrip("0123456789"))(name)
        self.parts = nn.ModuleList(parts)

    def forward(self, x):
        stages = []
        for part in self.parts:
            x = part(x)
            stages.append(x)
        return stages

    def resnet(self, name):
        import torchvision

        model = getattr(torchvision.models, name)(weights=None)
        model.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
        stem = nn.Sequential(model.conv1, model.bn1, model.relu)
        return 2, [stem, nn.Sequential(model.maxpool, model.layer1), model.layer2, model.layer3, model.layer4]

    def mobilenet(self, name):
        import torchvision

        layers = torchvision.models.mobilenet_v2(weights=None).features[:18]
        layers[0][0] = nn.Conv2d(1, 32, 3, 2, 1, bias=False)
        return 2, [layers[a:b] for a, b in ((0, 2), (2, 4), (4, 7), (7, 14), (14, 18))]

    def vgg(self, name):
        import torchvision

        layers = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"], batch_norm=True)
        layers[0] = nn.Conv2d(1, 64, 3, padding=1)
        return 1, [layers[a:b] for a, b in ((0, 6), (6, 13), (13, 23), (23, 33), (33, 43))]

    def convnext(self, name):
        import torchvision

        layers = torchvision.models.convnext_tiny(weights=None, stochastic_depth_prob=0.0).features
        layers[0][0] = nn.Conv2d(1, 96, 4, 4)
        return 4, [layers[a:b] for a, b in ((0, 2), (2, 4), (4, 6), (6, 8))]

    def efficientnet(self, name):
        import timm

        model = timm.create_model(name.replace("-", "_"), pretrained=False, in_chans=1, drop_path_rate=0.0)
        stem = nn.Sequential(model.conv_stem, model.bn1)
        blocks = model.blocks
        return 2, [nn.Sequential(stem, blocks[0]), blocks[1], blocks[2], blocks[3:5], blocks[5:7]]
