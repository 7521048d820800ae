"""Writes Fixtures/JPEG and Fixtures/BMP: small files of every kind that is read, each beside a PNG of what Pillow reads in it.

Run by hand after a change: pip install pillow numpy, then python3 generate_raster.py
"""

import pathlib
import struct

import numpy as np
from PIL import Image, ImageOps

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "Fixtures"
WIDTH, HEIGHT = 21, 14

rng = np.random.default_rng(7)
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
GRAY = np.clip(128 + 90 * np.sin(x / 3) * np.cos(y / 4) + rng.normal(0, 9, (HEIGHT, WIDTH)), 0, 255).astype(np.uint8)
RGB = np.stack([GRAY, GRAY[::-1], 255 - GRAY[:, ::-1]], axis=2)


def keep(folder, name, expected):
    expected.save(FIXTURES / folder / f"{name}.png")


def jpegs():
    (FIXTURES / "JPEG").mkdir(exist_ok=True)
    gray, rgb = Image.fromarray(GRAY), Image.fromarray(RGB)
    exif = Image.Exif()
    exif[0x0112] = 6
    kinds = {
        "gray": (gray, {}),
        "gray-progressive": (gray, {"progressive": True}),
        "color": (rgb, {"subsampling": 0}),
        "color-420": (rgb, {"subsampling": 2}),
        "color-422-progressive": (rgb, {"subsampling": 1, "progressive": True}),
        "color-turned": (rgb, {"exif": exif}),
        "gray-coarse": (gray, {"quality": 10, "optimize": True}),
    }
    for name, (image, options) in kinds.items():
        file = FIXTURES / "JPEG" / f"{name}.jpg"
        image.save(file, **({"quality": 85} | options))
        keep("JPEG", name, ImageOps.exif_transpose(Image.open(file)))
    rgb.convert("CMYK").save(FIXTURES / "JPEG" / "print.jpg")


def bmp(bits, rows, palette=b"", compression=0, masks=b"", height=HEIGHT):
    header = struct.pack("<IiiHHIIiiII", 40, WIDTH, height, 1, bits, compression, 0, 0, 0, len(palette) // 4, 0)
    start = 14 + len(header) + len(masks) + len(palette)
    body = b"".join(row + b"\0" * (-len(row) % 4) for row in rows)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + header + masks + palette + body


def bmps():
    (FIXTURES / "BMP").mkdir(exist_ok=True)
    colors = Image.fromarray(RGB).quantize(13)
    kinds = {
        "bits1": Image.fromarray(((GRAY > 128) * 255).astype(np.uint8)).convert("1"),
        "gray": Image.fromarray(GRAY),
        "color": Image.fromarray(RGB),
        "palette": colors,
        "alpha": Image.fromarray(np.dstack([RGB, GRAY]), "RGBA"),
    }
    for name, image in kinds.items():
        file = FIXTURES / "BMP" / f"{name}.bmp"
        image.save(file)
        read = Image.open(file)
        keep("BMP", name, read.convert({"1": "L", "P": "RGB", "RGBA": "RGB", "RGBX": "RGB"}.get(read.mode, read.mode)))
    # What Pillow reads and does not write.
    levels = [(GRAY[row] >> 4) for row in range(HEIGHT)]
    palette = b"".join(bytes([level * 17, level * 5, 255 - level * 17, 0]) for level in range(16))
    four = [bytes((row[i] << 4) | (row[i + 1] if i + 1 < WIDTH else 0) for i in range(0, WIDTH, 2)) for row in levels]
    shorts = [np.asarray([(int(r) >> 3) << 10 | (int(g) >> 3) << 5 | int(b) >> 3 for r, g, b in row], "<u2").tobytes() for row in RGB]
    mixed = [np.asarray([(int(r) >> 3) << 11 | (int(g) >> 2) << 5 | int(b) >> 3 for r, g, b in row], "<u2").tobytes() for row in RGB]
    files = {
        "bits4": bmp(4, four[::-1], palette),
        "bits16": bmp(16, shorts[::-1]),
        "bits565": bmp(16, mixed[::-1], compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)),
        "downwards": bmp(24, [row[:, ::-1].tobytes() for row in RGB], height=-HEIGHT),
    }
    for name, content in files.items():
        file = FIXTURES / "BMP" / f"{name}.bmp"
        file.write_bytes(content)
        keep("BMP", name, Image.open(file).convert("RGB"))
    (FIXTURES / "BMP" / "compressed.bmp").write_bytes(bmp(8, [b"\2\0\0\1"], palette * 16, compression=1))


jpegs()
bmps()
