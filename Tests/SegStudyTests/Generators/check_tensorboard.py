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

folder = pathlib.Path(sys.argv[1])
expected = {}
for row in csv.DictReader((folder / "training.csv").open(newline="")):
    run = expected.setdefault(f"{row['arm']}-{row['seed']}", {})
    for column, text in row.items():
        tag = TAGS.get(column) or ("loss/" + column[5:] if column.startswith("loss_") else None)
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
