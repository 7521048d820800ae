"""Times MONAI's PersistentDataset and NumPy's savez_compressed on the images that a task file lists.

python data_cache_peers.py TASK.json ROWS.json; called by DataBenchmarks, which prints the rows beside its own.

Both keep what decoding and resizing gave, as the library's cache does. Neither looks at the image files again: the key of
PersistentDataset is a hash of the paths. Kept as uint8, as small as they can be, and as float32, as networks take them.
"""

import json
import os
import shutil
import sys
import time

import numpy as np
import torch
from monai.data import PersistentDataset
from monai.transforms import Transform
from PIL import Image


def letterbox(image, size, canvas_mode):
    """Resizes to a square of `size` px with the aspect kept, the rest black, as the library does but for fractions of a px."""
    scale = size / max(image.size)
    width, height = (max(1, min(size, round(side * scale))) for side in image.size)
    canvas = Image.new(canvas_mode, (size, size))
    canvas.paste(image.resize((width, height), Image.BILINEAR), ((size - width) // 2, (size - height) // 2))
    return np.asarray(canvas)


class Decode(Transform):
    """Reads and resizes an image with its masks. Its values are part of nothing that MONAI hashes."""

    def __init__(self, size, kind):
        self.size = size
        self.kind = kind

    def __call__(self, item):
        with Image.open(item["image"]) as file:
            image = letterbox(file.convert("L"), self.size, "L")
        mask = np.zeros_like(image)
        for path in item["masks"]:
            with Image.open(path) as file:
                mask |= (letterbox(file.convert("L"), self.size, "L") > 127).astype(np.uint8)
        if self.kind == "float32":
            image, mask = image.astype(np.float32) / 255, mask.astype(np.float32)
        return {"image": torch.from_numpy(image.copy()), "mask": torch.from_numpy(mask.copy())}


def timed(body):
    wall, processor = time.perf_counter(), time.process_time()
    body()
    return {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}


def folder_bytes(folder):
    return sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder))


def main(task_file, rows_file):
    torch.set_num_threads(1)
    with open(task_file) as file:
        task = json.load(file)
    images, size, passes = task["images"], task["size"], task["passes"]
    readers = {}
    rows = []
    decode = Decode(size, "uint8")
    readers["Pillow: decode and resize again"] = (lambda: [decode(item) for item in images], None, None)
    for kind, planes in (("uint8", 2), ("float32", 8)):
        folder = os.path.join(task["folder"], f"monai-{kind}")
        shutil.rmtree(folder, ignore_errors=True)
        dataset = PersistentDataset(images, Decode(size, kind), cache_dir=folder)
        for index in range(len(dataset)):
            dataset[index]
        readers[f"MONAI PersistentDataset, {kind}"] = (
            lambda dataset=dataset: [dataset[index] for index in range(len(dataset))],
            folder_bytes(folder),
            planes,
        )
        folder = os.path.join(task["folder"], f"numpy-{kind}")
        os.makedirs(folder, exist_ok=True)
        paths = []
        for number, item in enumerate(images):
            sample = Decode(size, kind)(item)
            paths.append(os.path.join(folder, f"{number}.npz"))
            np.savez_compressed(paths[-1], image=sample["image"].numpy(), mask=sample["mask"].numpy())

        def load(paths=paths):
            for path in paths:
                with np.load(path) as file:
                    file["image"], file["mask"]

        readers[f"NumPy savez_compressed, {kind}"] = (load, folder_bytes(folder), planes)
    timings = {name: [] for name in readers}
    for _ in range(passes):
        for name, (body, _, _) in readers.items():
            timings[name].append(timed(body))
    for name, (_, count, planes) in readers.items():
        rows.append({"name": name, "timings": timings[name], "bytes": count, "planes": planes})
    with open(rows_file, "w") as file:
        json.dump(rows, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
