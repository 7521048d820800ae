"""Writes surfaces.json, surfaces-empty.json, transforms.json and lesions.json: python3 generate_surface_fixtures.py

Oracles: MONAI (1.6), medpy (0.5), DeepMind's surface-distance (0.1), SciPy (1.17), OpenCV (5.0) for the erosions of the
boundary IoU, and what is spelled out here where no library has the function. NaN is written as null.

The masks are those of masks.py.
"""

import math
import warnings

import cv2
import numpy as np
import surface_distance
import torch
from fixture_files import write
from masks import blank, ellipse, pairs, random, runs
from medpy.metric import binary
from monai import metrics as monai
from monai.metrics.hausdorff_distance import _compute_percentile_hausdorff_distance
from monai.metrics.utils import get_mask_edges
from scipy import ndimage

warnings.filterwarnings("ignore")
np.Inf = np.inf  # surface-distance 0.1 says it NumPy 1's way.


def tensor(mask):
    return torch.tensor(mask[None, None].copy())


def monai_distance(function, first, second, spacing, **options):
    return float(function(tensor(first), tensor(second), include_background=True, spacing=list(spacing), **options))


def monai_percentile(first, second, spacing, share):
    """MONAI's percentile of its own edges' distances, in 64 bits.

    MONAI keeps distances in 32 bits, and so even the position between two of them: at 0.99 · 520 its percentile is off by
    a hundred thousandth. The library's own answer is held against this one here.
    """
    edges = [edge.numpy() for edge in get_mask_edges(torch.tensor(first.copy()), torch.tensor(second.copy()), crop=False)]
    percentiles = [
        float(_compute_percentile_hausdorff_distance(torch.tensor(ndimage.distance_transform_edt(~to, spacing)[at]), share))
        for at, to in (edges, edges[::-1])
    ]
    library = monai_distance(monai.compute_hausdorff_distance, first, second, spacing, percentile=share)
    assert math.isclose(max(percentiles), library, rel_tol=3e-5), (percentiles, library)
    return max(percentiles)


def rim(mask, radius):
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    eroded = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=radius)[1:-1, 1:-1]
    return mask & (eroded == 0)


def spelled_rim(mask, radius):
    """Lesion with background, or the outside, within `radius` in rows and columns."""
    padded = np.pad(mask, radius)
    window = np.lib.stride_tricks.sliding_window_view(padded, (2 * radius + 1,) * 2)
    return mask & ~window.all((2, 3))


def boundary_iou(first, second, ratio):
    radius = max(1, int(round(ratio * math.hypot(*first.shape))))
    rims = [rim(mask, radius) for mask in (first, second)]
    for mask, own in zip((first, second), rims):
        assert (spelled_rim(mask, radius) == own).all()
    return (rims[0] & rims[1]).sum() / (rims[0] | rims[1]).sum()


def directed(first, second, spacing):
    """The lists that surface-distance makes, but in the order of prediction and reference."""
    lists = surface_distance.compute_surface_distances(second, first, spacing)
    return lists, surface_distance.compute_average_surface_distance(lists)


def is_clear_of_ties(lists, share):
    """Whether no cumulated length ends on the share, where round-off decides in surface-distance."""
    for side in ("gt", "pred"):
        lengths = np.cumsum(lists[f"surfel_areas_{side}"])
        if (np.abs(lengths / lengths[-1] - share) < 1e-9).any():
            return False
    return True


def surfaces():
    tolerances = (0, 1, 2.5)
    percentiles = (50, 95, 99)
    skipped = 0
    for number, (name, first, second) in enumerate(pairs()):
        # Rows, columns. Sums of squares of the first are exact, the second is a breast ultrasound's, the third is odd.
        # Rows, columns. Sums of squares of the second are exact, the third is any.
        for spacing in ((1, 1), ((0.0625, 0.09375), (0.731, 0.2917))[number % 2]):
            scale = min(spacing)
            lists, averages = directed(first, second, spacing)
            weighted = []
            for share in percentiles:
                clear = is_clear_of_ties(lists, share / 100)
                skipped += not clear
                weighted.append(surface_distance.compute_robust_hausdorff(lists, share) if clear else None)
            pooled = [
                np.percentile(
                    np.hstack([binary.__surface_distances(*pair, spacing, 1) for pair in ((first, second), (second, first))]),
                    share,
                )
                for share in percentiles
            ]
            assert pooled[1] == binary.hd95(first, second, spacing)
            directed_average = [binary.asd(first, second, spacing), binary.asd(second, first, spacing)]
            symmetric = monai_distance(monai.compute_average_surface_distance, first, second, spacing, symmetric=True)
            assert math.isclose(symmetric, binary.assd(first, second, spacing), rel_tol=1e-6, abs_tol=1e-6)
            one_way = monai_distance(monai.compute_average_surface_distance, first, second, spacing)
            assert math.isclose(one_way, directed_average[0], rel_tol=1e-6, abs_tol=1e-6)
            hausdorff = monai_distance(monai.compute_hausdorff_distance, first, second, spacing)
            assert math.isclose(hausdorff, binary.hd(first, second, spacing), rel_tol=1e-6)
            yield {
                "name": name,
                "width": first.shape[1],
                "height": first.shape[0],
                "prediction": runs(first),
                "reference": runs(second),
                "spacing": [spacing[1], spacing[0]],
                "hausdorff": binary.hd(first, second, spacing),
                "monai": [
                    monai_percentile(first, second, spacing, share)
                    for share in percentiles
                ],
                "medpy": pooled,
                "surfaceDistance": weighted,
                "assd": binary.assd(first, second, spacing),
                "directedAverages": directed_average,
                "contourAverages": [averages[1], averages[0]],
                "tolerances": [tolerance * scale for tolerance in tolerances],
                "diceMONAI": [
                    float(
                        monai.compute_surface_dice(
                            tensor(first), tensor(second), [tolerance * scale], include_background=True, spacing=list(spacing)
                        )
                    )
                    for tolerance in tolerances
                ],
                "diceSurfaceDistance": [
                    surface_distance.compute_surface_dice_at_tolerance(lists, tolerance * scale)
                    for tolerance in tolerances
                ],
                "boundary": [boundary_iou(first, second, ratio) for ratio in (0.02, 0.1)],
            }
    print(f"{skipped} weighted percentiles left out for ties")


def as_text(values):
    """JSON has no ∞."""
    return {name: str(float(value)) for name, value in values.items()}


def empties():
    """What the libraries whose names the policies' table has say; medpy throws."""
    lesion, none = blank(6, 8, (2, 3)), blank(6, 8)
    for first, second in ((none, none), (lesion, none), (none, lesion)):
        with np.errstate(all="ignore"):
            lists = surface_distance.compute_surface_distances(second, first, (1, 1))
            yield {
                "width": 8,
                "height": 6,
                "prediction": runs(first),
                "reference": runs(second),
                "answers": as_text({
                    "monaiHausdorff": monai_distance(monai.compute_hausdorff_distance, first, second, (1, 1)),
                    "surfaceDistanceHausdorff": surface_distance.compute_robust_hausdorff(lists, 95),
                    "monaiDice": monai.compute_surface_dice(tensor(first), tensor(second), [1], include_background=True),
                    "surfaceDistanceDice": surface_distance.compute_surface_dice_at_tolerance(lists, 1),
                }),
            }


def transforms():
    masks = [
        blank(1, 1, (0, 0)),
        blank(3, 5, (2, 4)),
        blank(3, 70, (0, 0), (2, 69)),
        np.eye(11, 14, dtype=bool),
        random.random((16, 21)) < 0.02,
        ellipse(14, 12, 7, 6, 4, 3, 0.4),
    ]
    for mask in masks:
        if not mask.any():
            mask[0, 0] = True
        for spacing in ((1, 1), (0.731, 0.2917)):
            yield {
                "width": mask.shape[1],
                "height": mask.shape[0],
                "mask": runs(mask),
                "spacing": [spacing[1], spacing[0]],
                "distances": np.round(ndimage.distance_transform_edt(~mask, sampling=spacing).ravel(), 7),
            }


def components(mask, structure, minimum):
    labels, count = ndimage.label(mask, structure)
    kept = [labels == number for number in range(1, count + 1)]
    return [lesion for lesion in kept if lesion.sum() >= minimum]


def matched(predicted, actual, threshold):
    """Counts of found lesions and of predictions that match, by any overlap or by pairs of greatest IoU."""
    shared = np.array([[(p & a).sum() for p in predicted] for a in actual]).reshape(len(actual), len(predicted))
    if threshold is None:
        return (shared.sum(1) > 0).sum(), (shared.sum(0) > 0).sum()
    unions = np.array([[(p | a).sum() for p in predicted] for a in actual]).reshape(shared.shape)
    scores = shared / np.maximum(unions, 1)
    pairs = 0
    while scores.size and scores.max() >= threshold:
        row, column = np.unravel_index(scores.argmax(), scores.shape)
        scores[row, :] = scores[:, column] = -1
        pairs += 1
    return pairs, pairs


def lesions():
    masks = []
    for _ in range(10):
        height, width = random.integers(20, 80, 2)
        scene = [np.zeros((height, width), bool), np.zeros((height, width), bool)]
        for _ in range(random.integers(1, 7)):
            y, x = random.uniform(0, height), random.uniform(0, width)
            size = random.uniform(1, 9, 2)
            for mask in scene:
                if random.random() < 0.8:
                    moved = random.normal(0, 1.5, 2)
                    mask |= ellipse(height, width, y + moved[0], x + moved[1], *(size * random.uniform(0.7, 1.2, 2)))
        masks.append(scene)
    for density in (0.1, 0.35, 0.5, 0.65):
        masks.append([random.random((19, 23)) < density, random.random((19, 23)) < density])
    masks.append([np.indices((9, 9)).sum(0) % 2 == 0, np.ones((9, 9), bool)])
    masks.append([blank(9, 70, np.s_[2, 60:70], np.s_[3, 0:3]), blank(9, 70, np.s_[2, 62:64], np.s_[2:4, 0:3])])
    spiral = blank(9, 9, np.s_[0, :], np.s_[:, 8], np.s_[8, :], np.s_[2:, 0], np.s_[2, 0:7], np.s_[2:7, 6], np.s_[6, 2:7])
    masks.append([spiral, ~spiral])
    masks.append([blank(5, 5), blank(5, 5, (2, 2))])
    masks.append([blank(5, 5, (2, 2)), blank(5, 5)])
    masks.append([blank(5, 5), blank(5, 5)])
    for first, second in masks:
        rows = []
        for connectivity, minimum in ((8, 1), (8, 4), (4, 1)):
            structure = ndimage.generate_binary_structure(2, 2 if connectivity == 8 else 1)
            predicted, actual = (components(mask, structure, minimum) for mask in (first, second))
            for threshold in (None, 0.1, 0.5):
                found, used = matched(predicted, actual, threshold)
                rows.append(
                    {
                        "connectivity": str(connectivity),
                        "minimumArea": minimum,
                        "threshold": threshold,
                        "counts": [found, len(predicted) - used, len(actual) - found, used],
                    }
                )
        labels, _ = ndimage.label(first, ndimage.generate_binary_structure(2, 2))
        yield {
            "width": first.shape[1],
            "height": first.shape[0],
            "prediction": runs(first),
            "reference": runs(second),
            "detections": rows,
            "areas": np.bincount(labels.ravel())[1:],
            "labelChecksum": int((labels.ravel().astype(np.int64) * (np.arange(labels.size) % 997)).sum()),
        }


# Ten digits prove what a millionth asks for, and keep the files small.
write("surfaces", surfaces(), digits=10)
write("surfaces-empty", empties())
write("transforms", transforms(), digits=10)
write("lesions", lesions())
