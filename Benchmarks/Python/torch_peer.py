"""The bench net in PyTorch: the peer of `segkit bench`.

python torch_peer.py '{"task": "train-step", "mode": "eager", "width": 16, "size": 128, "batch": 8, "threads": 2,
                       "normalization": "batch"}'

With `backbone` (and `encoder`) in place of width and normalization it is another network, of variant_peer.py.

Builds and warms the network up, then prints `ready` and waits: each line `<seconds>` on its input is answered by one line
of JSON with the median time of a step, and the end of the input ends it. So runs of two programs can take turns, and
neither compiles while the other is measured.

Mode `eager` is channels-last, `planes` the default layout, `compiled` is channels-last through torch.compile (frozen for
inference). These are float32; `eager-bf16` and `compiled-bf16` are the same under autocast to bfloat16.
"""

import json
import sys

import torch
import torch.nn.functional as functional
from torch import nn

from turns import serve


class UNet(nn.Module):
    """Five stages of two 3x3 convolutions, transposed convolutions up, a mask and a malignancy logit."""

    def __init__(self, width, normalization):
        super().__init__()
        widths = [width << stage for stage in range(5)]

        def stage(inputs, outputs):
            def normalized():
                return (
                    nn.BatchNorm2d(outputs)
                    if normalization == "batch"
                    else nn.InstanceNorm2d(outputs, affine=True)
                )

            return nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
                normalized(),
                nn.ReLU(inplace=True),
                nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
                normalized(),
                nn.ReLU(inplace=True),
            )

        self.encoder = nn.ModuleList(
            stage(1 if index == 0 else widths[index - 1], widths[index]) for index in range(5)
        )
        self.upsampling = nn.ModuleList(
            nn.ConvTranspose2d(widths[index + 1], widths[index], 2, stride=2) for index in range(4)
        )
        self.decoder = nn.ModuleList(stage(2 * widths[index], widths[index]) for index in range(4))
        self.mask = nn.Conv2d(width, 1, 1)
        self.malignancy = nn.Linear(widths[4], 1)

    def forward(self, x):
        skips = []
        for index, stage in enumerate(self.encoder):
            x = stage(x)
            if index < 4:
                skips.append(x)
                x = functional.max_pool2d(x, 2)
        malignancy = self.malignancy(x.mean((2, 3)))
        for index in (3, 2, 1, 0):
            x = self.decoder[index](torch.cat([skips[index], self.upsampling[index](x)], 1))
        return self.mask(x), malignancy


def loss_of(mask, malignancy, target, label):
    cross_entropy = functional.binary_cross_entropy_with_logits(mask, target)
    p = torch.sigmoid(mask)
    overlap = (p * target).sum((1, 2, 3))
    dice = 1 - (2 * overlap + 1) / (p.sum((1, 2, 3)) + target.sum((1, 2, 3)) + 1)
    return cross_entropy + dice.mean() + functional.binary_cross_entropy_with_logits(malignancy, label)


def network(options):
    if "backbone" not in options:
        return UNet(options["width"], options["normalization"])
    from variant_peer import Variant

    return Variant(options["backbone"], options.get("encoder"))


def main(options):
    torch.manual_seed(0)
    torch.set_num_threads(options["threads"])
    mode = options["mode"].removesuffix("-bf16")
    layout = torch.contiguous_format if mode == "planes" else torch.channels_last
    net = network(options).to(memory_format=layout)
    shape = (options["batch"], 1, options["size"], options["size"])
    images = torch.randn(shape).to(memory_format=layout)
    target = (torch.rand(shape) > 0.7).float().to(memory_format=layout)
    label = (torch.rand(options["batch"], 1) > 0.5).float()
    is_compiled = mode == "compiled"

    def precision():
        return torch.autocast("cpu", torch.bfloat16, enabled=mode != options["mode"])

    if options["task"] == "train-step":
        net.train()
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        run = torch.compile(net) if is_compiled else net
        loss = torch.compile(loss_of) if is_compiled else loss_of

        def step():
            optimizer.zero_grad(set_to_none=True)
            with precision():
                mask, malignancy = run(images)
            loss(mask.float(), malignancy.float(), target, label).backward()
            optimizer.step()

    else:
        net.eval()
        if is_compiled:
            import torch._inductor.config as inductor

            inductor.freezing = True
        run = torch.compile(net) if is_compiled else net

        def step():
            with torch.no_grad(), precision():
                run(images)

    serve(step, sum(parameter.numel() for parameter in net.parameters()))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
