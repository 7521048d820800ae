"""Prints the event file that TensorBoardTests expects: TensorBoard's own EventFileWriter, its clock stopped.

Run by hand, with `pip install tensorboard`: python3 tensorboard_events.py
"""

import base64
import pathlib
import tempfile
import time

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

STEPS = [
    (0, 1700000000.5, [("loss/total", 1.25)]),
    (1, 1700000001.25, [("loss/total", 0.1), ("validation/dice", 0.0), ("learning rate", 1e-3)]),
    (300, 1700000300.0, [("validation/auroc", float("nan")), ("Verlust/φ · Maß", float("inf"))]),
    (70000, 1700070000.0, [("t" * 200, -2.5)]),
]

time.time = lambda: 1700000000.0
folder = tempfile.mkdtemp()
writer = EventFileWriter(folder)
for step, wall_time, scalars in STEPS:
    values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars]
    writer.add_event(Event(wall_time=wall_time, step=step, summary=Summary(value=values)))
writer.close()
(path,) = pathlib.Path(folder).iterdir()
text = base64.b64encode(path.read_bytes()).decode()
for start in range(0, len(text), 100):
    print(text[start : start + 100])
