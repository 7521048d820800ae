"""Writes Fixtures/interference.json: how the gradients of three tasks agree on a small U-Net's encoder, by PyTorch.

Run from anywhere with Python 3.9 or later and PyTorch: python3 interference.py
The network, its weights and its images are those of generate_fixtures.py. The third task asks the predicted malignancy
to equal the mean of the predicted mask. Each task's gradient comes from a call of autograd of its own.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

from models import Model, dice_loss, mixed_tensor, scale_of

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fixtures"
WEIGHTS = {"segmentation": 1.0, "classification": 0.5, "mean-mask": 2.0}


def losses(model, images, masks, malignant):
    logits, malignancy = model(images, True)
    probability = logits.sigmoid()
    return {
        "segmentation": F.binary_cross_entropy_with_logits(logits, masks) + dice_loss(probability, masks, 1, "smoothed"),
        "classification": F.binary_cross_entropy_with_logits(malignancy, malignant),
        "mean-mask": ((malignancy.sigmoid() - probability.mean(dim=(1, 2, 3))) ** 2).mean(),
    }


def cosine(a, b):
    return (a @ b / (a.norm() * b.norm())).item()


def mean(values):
    return sum(values) / len(values)


def case(depth, width, normalization, height, size, batches):
    torch.set_default_dtype(torch.float64)
    model = Model(depth, width, normalization, "transposed")
    encoder = [path for path in model.parameters if path.startswith("backbone.encoder.")]
    stages = [f"backbone.encoder.{level}" for level in range(depth)]
    gradients = {name: [] for name in WEIGHTS}
    for batch in range(batches):
        images = mixed_tensor(f"images {batch}", (3, 1, height, size))
        masks = (mixed_tensor(f"masks {batch}", (3, 1, height, size)) > 0.3).double()
        parts = losses(model, images, masks, torch.tensor([1.0, 0.0, 1.0]))
        for name, loss in parts.items():
            values = torch.autograd.grad(
                WEIGHTS[name] * loss, [model.parameters[path] for path in encoder], retain_graph=True, allow_unused=True
            )
            assert all(value is not None for value in values)
            gradients[name].append({path: value.reshape(-1) for path, value in zip(encoder, values)})

    def flat(gradient, stage=""):
        return torch.cat([value for path, value in gradient.items() if path.startswith(stage)])

    names = list(WEIGHTS)
    pairs = []
    for index, first in enumerate(names):
        for second in names[index + 1:]:
            both = [(flat(a), flat(b)) for a, b in zip(gradients[first], gradients[second])]
            cosines = [cosine(a, b) for a, b in both]
            pairs.append({
                "first": first, "second": second,
                "cosine": mean(cosines),
                "conflictRate": mean([float(value < 0) for value in cosines]),
                "magnitudeSimilarity": mean(
                    [(2 * a.norm() * b.norm() / (a.norm() ** 2 + b.norm() ** 2)).item() for a, b in both]
                ),
                "pooledCosine": cosine(sum(a for a, _ in both), sum(b for _, b in both)),
                "stageCosines": {
                    stage: mean([
                        cosine(flat(a, stage), flat(b, stage))
                        for a, b in zip(gradients[first], gradients[second])
                    ])
                    for stage in stages
                },
            })
    tasks = []
    for name in names:
        against = [
            cosine(flat(gradients[name][batch]), sum(flat(gradients[other][batch]) for other in names if other != name))
            for batch in range(batches)
        ]
        tasks.append({
            "name": name,
            "norm": mean([flat(gradient).norm().item() for gradient in gradients[name]]),
            "cosineWithOthers": mean(against),
        })
    return {
        "depth": depth, "width": width, "normalization": normalization, "height": height, "imageWidth": size,
        "batches": batches, "weights": WEIGHTS,
        "scales": {path: list(scale_of(path, model)) for path in model.parameters},
        "sharedValues": sum(model.parameters[path].numel() for path in encoder),
        "tasks": tasks, "pairs": pairs,
    }


cases = [case(3, 4, "batch", 8, 12, 3), case(2, 3, "instance", 12, 8, 4), case(3, 3, "none", 8, 8, 2)]
path = FIXTURES / "interference.json"
path.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
print(path.name, path.stat().st_size, "bytes")
