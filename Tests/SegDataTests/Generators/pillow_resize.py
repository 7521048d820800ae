"""Prints the values that LetterboxTests and DuplicateTests hold: Pillow's resize, mode F, of a small pattern.

Run: python3 Tests/SegDataTests/Generators/pillow_resize.py   (Pillow 10 or later)
"""
from PIL import Image
import numpy as np


def pattern(width, height):
    y, x = np.mgrid[0:height, 0:width]
    return ((x * 7 + y * 13 + x * y * 3) % 17 / 16).astype(np.float32)


def show(name, width, height, box, size, method=Image.Resampling.BILINEAR):
    image = Image.fromarray(pattern(width, height))
    result = np.asarray(image.resize(size, method, box=box))
    print(name, [float(f"{v:.6f}") for v in result.ravel()])


show("shrink 10x6 to 4x3", 10, 6, None, (4, 3))
show("enlarge 3x4 to 5x6", 3, 4, None, (5, 6))
show("fractional box of 9x7 to 4x4", 9, 7, (0.6, 0.25, 8.1, 6.5), (4, 4))
show("shrink 10x6 to 4x3 by BOX", 10, 6, None, (4, 3), Image.Resampling.BOX)
