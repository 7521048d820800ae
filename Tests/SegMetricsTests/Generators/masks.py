"""Masks that the generators share: random ones, and such as a metric may stumble over.

A mask is written as a string of run lengths in base 36, background first, separated by blanks.
"""

import math

import numpy as np

random = np.random.default_rng(20252)


def runs(mask):
    flat = np.concatenate([[0], mask.astype(np.int8).ravel(), [-1]])
    ends = np.flatnonzero(np.diff(flat)).tolist()
    return " ".join(np.base_repr(length, 36).lower() for length in np.diff([0] + ends))


def ellipse(height, width, y, x, b, a, angle=0.0, noise=0.0):
    rows, columns = np.mgrid[:height, :width].astype(float)
    u = (columns - x) * math.cos(angle) + (rows - y) * math.sin(angle)
    v = (rows - y) * math.cos(angle) - (columns - x) * math.sin(angle)
    theta = np.arctan2(v / b, u / a)
    wobble = sum(noise / k * np.sin(k * theta + random.uniform(0, 6.28)) for k in (2, 3, 5, 8, 13))
    return (u / a) ** 2 + (v / b) ** 2 <= (1 + wobble) ** 2


def blank(height, width, *pixels):
    mask = np.zeros((height, width), bool)
    for pixel in pixels:
        mask[pixel] = True
    return mask


def pairs():
    """(name, prediction, reference)"""
    s = np.s_
    yield "equal", *[ellipse(20, 20, 9, 10, 5, 7)] * 2
    yield "one pixel each, diagonal", blank(5, 6, (1, 1)), blank(5, 6, (2, 2))
    yield "one pixel each, far", blank(9, 70, (0, 0)), blank(9, 70, (8, 69))
    yield "one pixel within", blank(11, 11, (5, 5)), blank(11, 11, s[1:10, 1:10])
    yield "corner pixels", blank(7, 9, (0, 0), (6, 8)), blank(7, 9, (0, 8), (6, 0))
    yield "image of one pixel", blank(1, 1, (0, 0)), blank(1, 1, (0, 0))
    yield "one row", blank(1, 90, s[0, 3:70]), blank(1, 90, s[0, 10:90])
    yield "one column", blank(80, 1, s[3:60, 0]), blank(80, 1, s[10:80, 0])
    yield "full, full", blank(8, 13, s[:, :]), blank(8, 13, s[:, :])
    yield "full, pixel", blank(16, 12, s[:, :]), blank(16, 12, (7, 3))
    yield "full, half", blank(10, 64, s[:, :]), blank(10, 64, s[:, :32])
    yield "border", blank(24, 30, s[0:6, 0:30]), blank(24, 30, s[0:9, 4:30])
    yield "disjoint", blank(40, 66, s[2:9, 1:12]), blank(40, 66, s[30:39, 50:66])
    yield "one inside the other", ellipse(48, 48, 24, 24, 8, 8), ellipse(48, 48, 24, 24, 20, 21)
    ring = ellipse(40, 44, 20, 22, 16, 18) & ~ellipse(40, 44, 20, 22, 8, 9)
    yield "ring and disc", ring, ellipse(40, 44, 20, 22, 12, 13)
    yield "thin lines", blank(30, 34, s[4, 2:33]), blank(30, 34, s[3:29, 17])
    yield "diagonal lines", np.eye(25, 28, dtype=bool), np.eye(25, 28, 2, dtype=bool)[:, ::-1]
    board = np.indices((12, 15)).sum(0) % 2 == 0
    yield "checkerboards", board, ~board
    yield "checkerboard, full", board, np.ones_like(board)
    yield "diagonal neighbors", blank(6, 6, (1, 1), (2, 2), (3, 1)), blank(6, 6, (2, 1), (3, 2), (4, 3))
    yield "word borders", blank(5, 200, s[1:4, 62:66]), blank(5, 200, s[1:4, 127:129])
    yield "last bit", blank(4, 64, s[0:4, 60:64]), blank(4, 64, s[1:3, 0:64])
    yield "wide", ellipse(30, 140, 15, 70, 9, 60, 0, 0.1), ellipse(30, 140, 15, 66, 11, 55, 0, 0.1)
    yield "tall", ellipse(130, 24, 60, 12, 50, 8, 0, 0.1), ellipse(130, 24, 70, 11, 45, 9, 0, 0.1)
    for side, density in ((9, 0.05), (9, 0.5), (17, 0.2), (33, 0.5), (66, 0.02), (66, 0.9)):
        shape = (side, side + 3)
        first, second = random.random(shape) < density, random.random(shape) < density
        first[1, 1] = second[2, 2] = True
        yield f"noise {side} {density}", first, second
    for number in range(12):
        height, width = random.integers(40, 100, 2)
        y, x = height * random.uniform(0.3, 0.7), width * random.uniform(0.3, 0.7)
        b, a = height * random.uniform(0.1, 0.35), width * random.uniform(0.1, 0.35)
        turn = random.uniform(0, 3)
        first = ellipse(height, width, y, x, b, a, turn, 0.12)
        moved = random.normal(0, 3, 2)
        second = ellipse(height, width, y + moved[0], x + moved[1], b * 1.1, a * 0.95, turn + 0.1, 0.12)
        yield f"lesion {number}", first, second
