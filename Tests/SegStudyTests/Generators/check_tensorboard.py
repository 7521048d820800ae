"""Loads a study's event files with TensorBoard itself and compares every scalar with training.csv.

Run by hand, with `pip install tensorboard`: python3 check_tensorboard.py runs/quick
"""

import csv
import math
import pathlib
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

TAGS = {"learning_rate": "learning_rate", "validation_dice": "validation/dice", "validation_auroc": "validation/auroc"}
# Longer names first: `validation_loss_total` is no `loss_…`.
KINDS = (
    "validation_loss", "pooled_cosine", "magnitude_similarity", "gradient_norm", "conflict_rate", "cosine", "learned", "loss",
)


def tag_of(column):
    kind = next((kind for kind in KINDS if column.startswith(kind + "_")), None)
    return TAGS.get(column) or (f"{kind}/{column[len(kind) + 1:]}" if kind else None)


folder = pathlib.Path(sys.argv[1])
expected = {}
for row in csv.DictReader((folder / "training.csv").open(newline="")):
    run = expected.setdefault(f"{row['arm']}-" + (f"fold{row['fold']}-" if "fold" in row else "") + row["seed"], {})
    for column, text in row.items():
        tag = tag_of(column)
        if tag and text:
            # Event files keep 32 bits.
            run.setdefault(tag, {})[int(row["epoch"])] = struct.unpack("f", struct.pack("f", float(text)))[0]

count = 0
for name, tags in expected.items():
    run = EventAccumulator(str(folder / "tensorboard" / name), size_guidance={"scalars": 0})
    run.Reload()
    assert set(run.Tags()["scalars"]) == set(tags), (name, run.Tags()["scalars"], sorted(tags))
    for tag, values in tags.items():
        read = {event.step: event.value for event in run.Scalars(tag)}
        assert read.keys() == values.keys(), (name, tag)
        for step, value in values.items():
            assert read[step] == value or (math.isnan(value) and math.isnan(read[step])), (name, tag, step)
            count += 1
print(f"{folder}: {len(expected)} runs, {count} scalars as in training.csv")
