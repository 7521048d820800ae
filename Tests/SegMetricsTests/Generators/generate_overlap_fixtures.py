"""Writes overlap-libraries.json and overlap-empty.json: python3 generate_overlap_fixtures.py

Oracles: MONAI (1.6), medpy (0.5), torchmetrics (1.9) and ITK through SimpleITK (2.5), each asked for itself; no value is
worked out here, but that ITK and medpy name volume differences in their own ways. NaN is written as null.
"""

import warnings

import numpy as np
import SimpleITK as itk
import torch
from fixture_files import write
from masks import blank, ellipse, pairs, random, runs
from medpy.metric import binary
from monai import metrics as monai
from torchmetrics.functional import classification as torchmetrics

warnings.filterwarnings("ignore")
METRICS = ("dice", "iou", "sensitivity", "specificity", "precision", "volumeSimilarity")


def tensor(mask):
    return torch.tensor(mask[None, None].astype(np.float64))


def of_monai(prediction, reference, **options):
    first, second = tensor(prediction), tensor(reference)
    counts = monai.get_confusion_matrix(first, second, include_background=True)
    answers = {"dice": monai.compute_dice(first, second, **options), "iou": monai.compute_iou(first, second, **options)}
    for metric in ("sensitivity", "specificity", "precision"):
        answers[metric] = monai.compute_confusion_matrix_metric(metric, counts)
    return {metric: float(value) for metric, value in answers.items()}


def of_medpy(prediction, reference):
    # The difference in volume over the reference's.
    difference = abs(binary.ravd(prediction, reference))
    return {
        "dice": binary.dc(prediction, reference),
        "iou": binary.jc(prediction, reference),
        "sensitivity": binary.sensitivity(prediction, reference),
        "specificity": binary.specificity(prediction, reference),
        "precision": binary.precision(prediction, reference),
        "volumeSimilarity": 1 - difference / (prediction.sum() / reference.sum() + 1),
    }


def of_torchmetrics(prediction, reference):
    first, second = (torch.tensor(mask.ravel()).int() for mask in (prediction, reference))
    return {
        "dice": float(torchmetrics.binary_f1_score(first, second)),
        "iou": float(torchmetrics.binary_jaccard_index(first, second)),
        "sensitivity": float(torchmetrics.binary_recall(first, second)),
        "specificity": float(torchmetrics.binary_specificity(first, second)),
        "precision": float(torchmetrics.binary_precision(first, second)),
    }


def of_itk(prediction, reference):
    measures = itk.LabelOverlapMeasuresImageFilter()
    measures.Execute(*[itk.GetImageFromArray(mask.astype(np.uint8)) for mask in (prediction, reference)])
    return {
        "dice": measures.GetDiceCoefficient(),
        "iou": measures.GetJaccardCoefficient(),
        "sensitivity": 1 - measures.GetFalseNegativeError(),
        # The difference in volume over the mean volume.
        "volumeSimilarity": 1 - abs(measures.GetVolumeSimilarity()) / 2,
    }


def more_pairs():
    """What the pairs for surfaces leave out: holes, borders all around, and shares of the image up to all of it."""
    yield from pairs()
    s = np.s_
    holes = blank(20, 24, s[2:18, 3:21])
    holes[5, 5] = holes[9:12, 9:14] = holes[15, 19] = False
    yield "holes and none", holes, blank(20, 24, s[2:18, 3:21])
    yield "holes in both", holes, ~blank(20, 24, (5, 5), (9, 10))
    frame = ~blank(18, 22, s[1:17, 1:21])
    yield "frame and disc that touches it", frame, ellipse(18, 22, 8, 10, 8.4, 10.4)
    yield "frame and its inside", frame, ~frame
    yield "pixel, full", blank(16, 12, (7, 3)), blank(16, 12, s[:, :])
    yield "all but a pixel, all but another", ~blank(9, 11, (0, 0)), ~blank(9, 11, (8, 10))
    for share in (0.001, 0.01, 0.3, 0.7, 0.99, 0.999):
        masks = [random.random((67, 71)) < share for _ in range(2)]
        masks[0][0, 0] = masks[1][-1, -1] = True
        yield f"random {share}", *masks


def overlap():
    for name, prediction, reference in more_pairs():
        libraries = {
            "MONAI": of_monai(prediction, reference),
            "medpy": of_medpy(prediction, reference),
            "torchmetrics": of_torchmetrics(prediction, reference),
            "ITK": of_itk(prediction, reference),
        }
        if reference.all():
            # Without background in the reference, libraries answer as they please.
            for answers in libraries.values():
                answers.pop("specificity", None)
        yield {
            "name": name,
            "prediction": runs(prediction),
            "reference": runs(reference),
            "answers": {
                metric: {name: answers[metric] for name, answers in libraries.items() if metric in answers}
                for metric in METRICS
            },
        }


def empty():
    lesion, none = blank(6, 8, (2, 3)), blank(6, 8)
    for prediction, reference in ((none, none), (lesion, none), (none, lesion)):
        libraries = {
            "MONAI": of_monai(prediction, reference),
            "MONAI, ignore_empty=False": of_monai(prediction, reference, ignore_empty=False),
            "torchmetrics": of_torchmetrics(prediction, reference),
        }
        yield {
            "prediction": runs(prediction),
            "reference": runs(reference),
            "answers": {
                metric: {name: answers[metric] for name, answers in libraries.items()} for metric in ("dice", "iou")
            },
        }


write("overlap-libraries", overlap(), digits=8)
write("overlap-empty", empty())
