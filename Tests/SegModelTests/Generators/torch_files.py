"""Writes Fixtures/torch: small files as torch.save writes them, and torch.json with what is in them.

Run from anywhere with Python 3.9 or later and PyTorch: python3 torch_files.py
"""
import collections
import json
import pathlib

import torch

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "torch"


def tensors():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 4 - 2
    return collections.OrderedDict(
        [
            ("float", base),
            ("transposed", base.t()),
            ("part", base[1:3, 2:5]),
            ("double", torch.tensor([1.5, -2.25e-300], dtype=torch.float64)),
            ("half", torch.tensor([0.5, -65504.0, 6e-8], dtype=torch.float16)),
            ("bfloat", torch.tensor([1.0, -3.140625], dtype=torch.bfloat16)),
            ("long", torch.tensor([-(2**40), 7])),
            ("int", torch.tensor([-5, 6], dtype=torch.int32)),
            ("short", torch.tensor([-300], dtype=torch.int16)),
            ("byte", torch.tensor([0, 255], dtype=torch.uint8)),
            ("bool", torch.tensor([True, False])),
            ("scalar", torch.tensor(3.5)),
            ("empty", torch.zeros(0, 3)),
            ("parameter", torch.nn.Parameter(torch.tensor([[2.0]]))),
        ]
    )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    state = tensors()
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
    with torch.no_grad():
        for index, tensor in enumerate(module.state_dict().values()):
            tensor.copy_(torch.full(tuple(tensor.shape), index + 1))
    torch.save(state, FOLDER / "tensors.pth")
    torch.save(state, FOLDER / "tensors-before-2020.pth", _use_new_zipfile_serialization=False)
    torch.save(module.state_dict(), FOLDER / "module.pt")
    torch.save(
        {"epoch": 3, "lr": 0.1, "name": None, "state_dict": module.state_dict(), "best": [1, 2.5], "done": True},
        FOLDER / "checkpoint.pt",
    )
    torch.save(module.state_dict(), FOLDER / "module-protocol-4.pt", pickle_protocol=4)
    torch.save(module, FOLDER / "whole-module.pt")

    def described(state):
        return {k: {"shape": list(t.shape), "values": [float(v) for v in t.detach().flatten()]} for k, t in state.items()}

    expected = [
        {"file": "tensors.pth", "tensors": described(state)},
        {"file": "tensors-before-2020.pth", "tensors": described(state)},
        {"file": "module.pt", "tensors": described(module.state_dict())},
        {"file": "checkpoint.pt", "tensors": described(module.state_dict())},
        {"file": "module-protocol-4.pt", "tensors": described(module.state_dict())},
    ]
    (FOLDER.parent / "torch.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
