"""Writes the values that the tests of augmentation compare with, from NumPy, SciPy, scikit-image and OpenCV.

Run: python3 Tests/SegDataTests/Generators/augmentation.py
(NumPy 2.4, SciPy 1.17, scikit-image 0.26 and OpenCV 5.0 wrote the committed values; see `versions` in the output)
"""
import json
from pathlib import Path

import cv2
import numpy as np
import scipy.ndimage
import skimage.exposure

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures"


def numbers(array):
    return [float(f"{value:.7g}") for value in np.asarray(array, dtype=np.float64).ravel()]


def write(name, cases):
    FIXTURES.mkdir(exist_ok=True)
    (FIXTURES / f"{name}.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


def levels(rng, height, width):
    """Smooth 8-bit shades with noise, so that histograms are uneven."""
    y, x = np.mgrid[0:height, 0:width]
    shade = 90 + 60 * np.sin(x / 5 + rng.uniform(0, 6)) * np.cos(y / 7) + rng.normal(0, 18, (height, width))
    return np.clip(np.rint(shade), 0, 255).astype(np.uint8)


def letterbox(height, width, top, bottom):
    coverage = np.ones((height, width))
    coverage[:top] = 0
    coverage[height - bottom :] = 0
    return coverage


def case(image, coverage, **rest):
    height, width = image.shape
    return {
        "width": width,
        "height": height,
        "levels": (image * coverage).astype(int).ravel().tolist(),
        "coverage": coverage.astype(int).ravel().tolist(),
        **rest,
    }


def fourier(rng):
    cases = []
    for height, width in [(8, 8), (10, 12), (5, 7), (9, 15), (1, 16), (6, 1), (1, 1), (11, 13), (4, 32), (14, 22)]:
        plane = rng.uniform(0, 1, (height, width)).astype(np.float32)
        spectrum = np.fft.rfft2(plane.astype(np.float64))
        cases.append(
            {
                "width": width,
                "height": height,
                "plane": numbers(plane),
                "real": numbers(spectrum.real),
                "imaginary": numbers(spectrum.imag),
            }
        )
    write("fourier", cases)


def mixing(rng):
    cases = []
    for height, width, top, bottom, band, share in [(16, 16, 0, 0, 0.1, 1.0), (20, 18, 3, 4, 0.2, 0.6), (15, 24, 2, 1, 0.5, 0.3)]:
        image, other = levels(rng, height, width), levels(rng, height, width)
        coverage, others = letterbox(height, width, top, bottom), letterbox(height, width, bottom, top)

        def filled(plane, mask):
            plane = plane / 255
            return np.where(mask > 0, plane, plane[mask > 0].mean())

        spectrum = np.fft.fftshift(np.fft.fft2(filled(image, coverage)))
        amplitude, phase = np.abs(spectrum), np.angle(spectrum)
        reference = np.abs(np.fft.fftshift(np.fft.fft2(filled(other, others))))
        half = int(np.floor(band * min(height, width)))
        # The frequencies within `half` of the center, and -height/2, which stands for +height/2 as well.
        rows = np.abs(np.arange(height) - height // 2) <= half
        columns = np.abs(np.arange(width) - width // 2) <= half
        window = np.outer(rows, columns)
        mixed = np.where(window, (1 - share) * amplitude + share * reference, amplitude)
        result = np.fft.ifft2(np.fft.ifftshift(mixed * np.exp(1j * phase)))
        assert np.abs(result.imag).max() < 1e-9
        cases.append(
            case(
                image,
                coverage,
                reference=(other * others).astype(int).ravel().tolist(),
                referenceCoverage=others.astype(int).ravel().tolist(),
                band=band,
                share=share,
                expected=numbers(np.clip(result.real, 0, 1) * coverage),
            )
        )
    write("amplitude-mixing", cases)


def histogram(rng):
    cases = []
    for height, width, top, bottom in [(16, 16, 0, 0), (20, 14, 4, 3), (9, 21, 0, 2)]:
        image = levels(rng, height, width)
        other = np.clip(levels(rng, height, width).astype(int) * 3 // 2 - 40, 0, 255).astype(np.uint8)
        coverage, others = letterbox(height, width, top, bottom), letterbox(height, width, bottom, top)
        matched = skimage.exposure.match_histograms(image[coverage > 0], other[others > 0])
        expected = np.zeros((height, width))
        expected[coverage > 0] = matched / 255
        cases.append(
            case(
                image,
                coverage,
                reference=(other * others).astype(int).ravel().tolist(),
                referenceCoverage=others.astype(int).ravel().tolist(),
                expected=numbers(expected),
            )
        )
    write("histogram-matching", cases)


def equalized(image, tiles, clip):
    """CLAHE after Zuiderveld in OpenCV's variant, without its rounding to whole levels."""
    height, width = image.shape
    padded = image
    if height % tiles or width % tiles:
        padded = np.pad(image, ((0, tiles - height % tiles), (0, tiles - width % tiles)), mode="reflect")
    tall, wide = padded.shape[0] // tiles, padded.shape[1] // tiles
    limit = max(1, int(clip * tall * wide / 256))
    maps = np.zeros((tiles, tiles, 256))
    for row in range(tiles):
        for column in range(tiles):
            tile = padded[row * tall : (row + 1) * tall, column * wide : (column + 1) * wide]
            counts = np.bincount(tile.ravel(), minlength=256)
            excess = np.maximum(counts - limit, 0).sum()
            counts = np.minimum(counts, limit) + excess // 256
            left = excess % 256
            if left:
                counts[np.arange(0, 256, max(256 // left, 1))[:left]] += 1
            maps[row, column] = np.cumsum(counts) / tile.size
    y, x = np.mgrid[0:height, 0:width]
    down, across = y / tall - 0.5, x / wide - 0.5
    upper, left = np.floor(down).astype(int), np.floor(across).astype(int)
    below, right = down - upper, across - left

    def at(row, column):
        return maps[np.clip(row, 0, tiles - 1), np.clip(column, 0, tiles - 1), image]

    return (at(upper, left) * (1 - right) + at(upper, left + 1) * right) * (1 - below) + (
        at(upper + 1, left) * (1 - right) + at(upper + 1, left + 1) * right
    ) * below


def clahe(rng):
    cases = []
    for height, width, tiles, clip in [(32, 32, 4, 2.0), (48, 40, 2, 3.5), (30, 26, 4, 4.0), (24, 33, 3, 40.0), (20, 20, 1, 1.5)]:
        image = levels(rng, height, width)
        expected = equalized(image, tiles, clip)
        opencv = cv2.createCLAHE(clipLimit=clip, tileGridSize=(tiles, tiles)).apply(image)
        # OpenCV rounds its maps and then the result: half a level each.
        assert np.abs(expected * 255 - opencv.astype(float)).max() <= 1 + 1e-9, "not OpenCV's variant"
        cases.append(
            case(
                image,
                np.ones(image.shape),
                tiles=tiles,
                clipLimit=clip,
                expected=numbers(expected),
                opencv=opencv.astype(int).ravel().tolist(),
            )
        )
    write("clahe", cases)


def blur(rng):
    cases = []
    for height, width, top, bottom, across, down in [(16, 20, 0, 0, 1.6, 0.8), (18, 15, 4, 2, 2.3, 0.4), (12, 9, 1, 0, 0.1, 1.1)]:
        image, coverage = levels(rng, height, width), letterbox(height, width, top, bottom)

        def spread(plane):
            return scipy.ndimage.gaussian_filter(plane, sigma=(down, across), mode="constant", cval=0.0)

        result = np.where(coverage > 0, spread(image / 255 * coverage) / np.maximum(spread(coverage), 1e-12), 0)
        cases.append(case(image, coverage, sigmaX=across, sigmaY=down, expected=numbers(result)))
    write("blur", cases)


def spline(rng):
    cases = []
    for height, width, spacing in [(12, 17, 5.0), (9, 9, 3.3), (20, 11, 16.0)]:
        rows, columns = int(height / spacing) + 4, int(width / spacing) + 4
        controls = rng.normal(0, 1, (rows, columns))
        y, x = np.mgrid[0:height, 0:width]
        field = scipy.ndimage.map_coordinates(controls, [y / spacing + 1, x / spacing + 1], order=3, prefilter=False)
        cases.append(
            {
                "width": width,
                "height": height,
                "spacing": spacing,
                "columns": columns,
                "controls": numbers(controls),
                "expected": numbers(field),
            }
        )
    write("spline", cases)


for number, make in enumerate([fourier, mixing, histogram, clahe, blur, spline]):
    make(np.random.default_rng(100 + number))
print({module.__name__: module.__version__ for module in [np, scipy, skimage, cv2]})
