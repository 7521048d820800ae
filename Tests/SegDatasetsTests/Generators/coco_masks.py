"""Writes Fixtures/coco_masks.json: polygons and run lengths with the masks that pycocotools and scikit-image make.

    pip install pycocotools scikit-image
    python3 Tests/SegDatasetsTests/Generators/coco_masks.py
"""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco
from skimage.measure import points_in_poly

WIDTH, HEIGHT = 40, 30


def star(points, x, y, radius, step):
    angles = 0.3 + 2 * np.pi * step * np.arange(points) / points
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], 1)


def blob(rng, x, y, radius, points=24):
    angles = np.sort(rng.uniform(0, 2 * np.pi, points))
    radii = radius * rng.uniform(0.5, 1.2, points)
    return np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], 1)


def even_odd(polygons):
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    centers = np.stack([x.ravel(), y.ravel()], 1)
    inside = [points_in_poly(centers, polygon).reshape(HEIGHT, WIDTH) for polygon in polygons]
    return np.any(inside, axis=0)


def runs(mask):
    """Uncompressed run lengths, column by column, background first."""
    flat = mask.ravel(order="F").astype(np.uint8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat]))).tolist() + [flat.size]
    return np.diff([0] + edges).tolist()


def main():
    rng = np.random.default_rng(7)
    shapes = {
        "triangle": [np.array([[3.2, 4.1], [30.7, 8.4], [11.3, 25.9]])],
        "blob": [blob(rng, 20.3, 15.2, 10)],
        "star": [star(5, 20.1, 15.3, 12, 2)],
        "two parts": [blob(rng, 10.4, 9.7, 6), blob(rng, 27.3, 18.6, 8)],
        "parts that overlap": [blob(rng, 17.4, 14.7, 8), blob(rng, 22.3, 16.6, 8)],
        "beyond the edges": [blob(rng, 2.4, 27.7, 9), blob(rng, 38.8, 3.1, 8)],
        "beside the image": [blob(rng, 60.4, 10.7, 5)],
        "thin": [np.array([[2.1, 2.3], [37.9, 26.2], [37.2, 26.9]])],
    }
    polygons = []
    for name, parts in shapes.items():
        parts = [np.round(part, 3) for part in parts]
        flat = [part.ravel().tolist() for part in parts]
        merged = coco.merge(coco.frPyObjects(flat, HEIGHT, WIDTH))
        polygons.append(
            {
                "name": name,
                "polygons": flat,
                "evenOdd": runs(even_odd(parts)),
                "coco": runs(coco.decode(merged)),
            }
        )
    run_lengths = []
    masks = {
        "empty": np.zeros((HEIGHT, WIDTH), bool),
        "full": np.ones((HEIGHT, WIDTH), bool),
        "noise": rng.random((HEIGHT, WIDTH)) < 0.5,
        "sparse": rng.random((HEIGHT, WIDTH)) < 0.01,
        "disc": np.hypot(*np.mgrid[-15:15, -20:20]) < 11,
    }
    for name, mask in masks.items():
        packed = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
        run_lengths.append({"name": name, "counts": runs(mask), "packed": packed, "area": int(mask.sum())})
    large = np.zeros((700, 900), np.uint8)
    large[650:, 500:] = 1
    packed = coco.encode(np.asfortranarray(large))["counts"].decode()
    content = {"width": WIDTH, "height": HEIGHT, "polygons": polygons, "runLengths": run_lengths, "large": packed}
    path = Path(__file__).parent.parent / "Fixtures" / "coco_masks.json"
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
