"""Writes Fixtures/parity.json: the losses of whole trainings in PyTorch, step by step.

Run by hand: python3 parity.py
Every step is of all images, so that their order does not matter, and nothing is augmented. Weights, images and masks are
not stored: both sides compute them with `mixed`. One run is in double precision, the other in the library's own single
precision: how far the two are apart is what rounding alone does to a training.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

from models import Model, dice_loss, mixed_tensor, scale_of

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
COUNT, SIZE, STEPS, RATE, DECAY = 6, 32, 60, 2e-3, 0.05


def images(kind):
    """Noise of 256 levels, brighter on the lesion, each image standardized by its own mean and deviation."""
    noise = (mixed_tensor("parity images", (COUNT, 1, SIZE, SIZE)) + 1) / 2
    levels = torch.floor((0.6 * noise + 0.3 * masks().double()) * 255 + 0.5) / 255
    values = levels.float().double()
    mean = values.mean(dim=(1, 2, 3), keepdim=True)
    deviation = ((values - mean) ** 2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return ((values - mean) / deviation).to(kind)


def masks():
    """A disc in each image, whose place and radius depend on its number."""
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    discs = []
    for index in range(COUNT):
        left, top, radius = 10 + 2 * index, 20 - index, 5 + index % 3
        discs.append((x - left) ** 2 + (y - top) ** 2 < radius * radius)
    return torch.stack(discs)[:, None]


def train(normalization, upsampling, kind):
    torch.set_default_dtype(torch.float64)
    model = Model(3, 8, normalization, upsampling)
    for path, value in list(model.parameters.items()):
        model.parameters[path] = value.detach().to(kind).requires_grad_()
    for path, value in list(model.buffers.items()):
        model.buffers[path] = value.to(kind)
    decaying = [value for path, value in model.parameters.items() if path.endswith("weight")]
    others = [value for path, value in model.parameters.items() if not path.endswith("weight")]
    optimizer = torch.optim.AdamW([{"params": decaying, "weight_decay": DECAY}, {"params": others, "weight_decay": 0}], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS)
    x, truth = images(kind), masks().to(kind)
    malignant = torch.tensor([float(index % 2) for index in range(COUNT)], dtype=kind)
    steps = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        logits, malignancy = model(x, True)
        segmentation = F.binary_cross_entropy_with_logits(logits, truth)
        segmentation = segmentation + dice_loss(logits.sigmoid(), truth, 1, "smoothed")
        classification = F.binary_cross_entropy_with_logits(malignancy, malignant)
        (segmentation + 0.5 * classification).backward()
        norm = torch.sqrt(sum((value.grad.double() ** 2).sum() for value in model.parameters.values()))
        steps.append([segmentation.item(), classification.item(), norm.item()])
        optimizer.step()
        schedule.step()
    return model, steps


def case(normalization, upsampling):
    model, exact = train(normalization, upsampling, torch.float64)
    _, single = train(normalization, upsampling, torch.float32)
    apart = [max(abs(a - b) / abs(a) for a, b in zip(*step)) for step in zip(exact, single)]
    print(normalization, upsampling, exact[0], exact[-1], [f"{value:.1e}" for value in apart[::6]], f"{max(apart):.1e}")
    return {
        "normalization": normalization, "upsampling": upsampling, "count": COUNT, "size": SIZE, "rate": RATE,
        "decay": DECAY, "scales": {path: list(scale_of(path, model)) for path in model.parameters},
        "steps": [[float(f"{value:.9g}") for value in step] for step in exact],
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    cases = [case(norm, up) for norm, up in [("batch", "transposed"), ("instance", "bilinear"), ("none", "bilinear")]]
    (FIXTURES / "parity.json").write_text(json.dumps(cases) + "\n")
