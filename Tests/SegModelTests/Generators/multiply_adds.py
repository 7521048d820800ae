"""Writes Fixtures/multiplyadds.json: parameters and multiply-adds of every variant of the backbone, as PyTorch counts them.

Run from anywhere with Python 3.9 or later and PyTorch: python3 multiply_adds.py
The networks are those of variants.py, and a U-Net of five stages; PyTorch's own counter of operations watches one image in
inference. It counts convolutions and matrix products, two operations for a multiplication with its addition.
"""
import json

import torch
from torch.utils.flop_counter import FlopCounterMode

import variants
from variants import FIXTURES, KINDS, Net, network

# Values do not matter here.
variants.mixed_tensor = lambda path, shape: torch.zeros(shape)


def count(kind, channels, height, width):
    if kind == "unet":
        net = Net("batch", "relu")
        encode = lambda x: net.encode(x, net.double, [16, 32, 64, 128, 256])
        decode = lambda s: net.unet(s, net.double)
    else:
        net, encode, decode = network(kind)
    images = torch.zeros(1, channels, height, width)
    net.training = False
    # Parameters are made at the first pass.
    with torch.no_grad():
        decode(encode(images))
        with FlopCounterMode(display=False) as counter:
            decode(encode(images))
    return {
        "kind": kind, "channels": channels, "height": height, "width": width,
        "multiplyAdds": counter.get_total_flops() // 2,
        "parameters": sum(value.numel() for value in net.parameters.values()),
    }


cases = [count(kind, 3 if kind == "linknet" else 1, 32, 48) for kind in KINDS] + [count("unet", 1, 128, 128)]
path = FIXTURES / "multiplyadds.json"
path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
print(path.read_text())
