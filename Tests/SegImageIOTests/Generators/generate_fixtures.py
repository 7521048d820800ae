"""Writes the files that SegImageIOTests reads, and what tifffile and Pillow read from them: python3 generate_fixtures.py

Needs tifffile (2026.3), imagecodecs and Pillow. Files are synthetic, of at most 2 KiB. Expected samples are those of
tifffile's own reader; orientation is applied by Pillow; white as zero is inverted here.
"""

import io
import json
import struct
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageOps

from tiff_builder import baseline, build, pack

FOLDER = Path(__file__).resolve().parent.parent / "Fixtures"
WIDTH, HEIGHT = 19, 7
cases = []


def pixels(dtype, channels=1, width=WIDTH, height=HEIGHT):
    """Scattered samples that reach both ends of the type's range; floats within 0...1 with all their bits."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    numbers = np.arange(np.prod(shape), dtype=np.uint64).reshape(shape) * np.uint64(2654435761)
    dtype = np.dtype(dtype)
    if dtype == np.bool_:
        return (numbers >> np.uint64(7)) % np.uint64(3) == 0
    if dtype.kind == "f":
        values = ((numbers % np.uint64(1 << 32)).astype(np.float64) / (1 << 32)).astype(dtype)
        values.flat[0], values.flat[-1] = 0, 1
        return values
    info = np.iinfo(dtype)
    values = ((numbers >> np.uint64(3)) % np.uint64(1 << info.bits)).astype(np.dtype(f"u{dtype.itemsize}")).view(dtype)
    values = values.copy()
    values.flat[0], values.flat[-1] = info.min, info.max
    return values


def expected(array, bits=None, **more):
    array = np.asarray(array)
    kind = {"b": "unsigned", "u": "unsigned", "i": "signed", "f": "float"}[array.dtype.kind]
    if array.dtype == np.bool_:
        array, bits = array.astype(np.uint8), 1
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    return {
        "width": array.shape[1], "height": array.shape[0], "channels": 1 if array.ndim == 2 else array.shape[2],
        "bits": bits or array.dtype.itemsize * 8, "format": kind,
        "samples": [float(v) if kind == "float" else int(v) for v in array.flatten()], **more,
    }


def add(name, data, pages):
    """A file with what its pages are."""
    assert len(data) <= 2048, (name, len(data))
    assert name not in [case["file"] for case in cases], name
    (FOLDER / "TIFF" / f"{name}.tif").write_bytes(data)
    cases.append({"file": name, "pages": pages})


def read_back(data, page=0):
    """A page as tifffile reads it, channels last."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[page]
        array = page.asarray()
        if page.planarconfig == 2 and array.ndim == 3:
            array = np.moveaxis(array, 0, -1)
        if page.photometric == 0 and array.dtype.kind == "u":
            array = ((1 << page.bitspersample) - 1 - array.astype(np.int64)).astype(array.dtype)
        if page.photometric == 0 and array.dtype == np.bool_:
            array = ~array
        return array


def written(array, **options):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, metadata=None, software=False, **options)
    return buffer.getvalue()


def simple(name, array, more=None, **options):
    """A file of one page by tifffile."""
    more = more or {}
    channels_first = options.get("planarconfig") == "separate"
    data = written(np.moveaxis(array, -1, 0) if channels_first else array, **options)
    result = read_back(data)
    assert np.array_equal(result, array) or options.get("photometric") == "miniswhite", name
    add(name, data, [expected(result, **more)])


def write_types():
    for dtype in ["u1", "u2", "u4", "i1", "i2", "i4", "f2", "f4", "f8", "?"]:
        array = pixels(dtype)
        simple(f"type-{np.dtype(dtype).name}", array, photometric="minisblack")
        simple(f"type-{np.dtype(dtype).name}-big-endian", array, photometric="minisblack", byteorder=">")
    for dtype in ["u1", "u2", "u4", "?"]:
        simple(f"white-zero-{np.dtype(dtype).name}", pixels(dtype), photometric="miniswhite")
    for bits in [2, 3, 4, 6, 10, 12, 14]:
        for order in "<>":
            values = (pixels("u2") >> (16 - bits)).astype("u1" if bits <= 8 else "u2")
            tags = baseline(WIDTH, HEIGHT, bits, rows_per_strip=3)
            strips = [pack(values[top : top + 3], bits) for top in range(0, HEIGHT, 3)]
            data = build([(tags, strips)], order)
            assert np.array_equal(read_back(data), values)
            add(f"bits-{bits}-{'little' if order == '<' else 'big'}", data, [expected(values, bits)])
    values = (pixels("u1") >> 4).astype("u1")
    data = build([(baseline(WIDTH, HEIGHT, 4, photometric=0), [pack(values, 4)])])
    assert np.array_equal(read_back(data), 15 - values)
    add("bits-4-white-zero", data, [expected(15 - values, 4)])
    bits = pixels("?").astype(np.uint8)
    reverse = bytes(int(format(byte, "08b")[::-1], 2) for byte in pack(bits, 1))
    data = build([(baseline(WIDTH, HEIGHT, 1, fill_order=2), [reverse])])
    assert np.array_equal(read_back(data).astype(np.uint8), bits)
    add("bits-1-fill-order", data, [expected(bits, 1)])


def write_layouts():
    for compression, label in [
        (None, "plain"), ("lzw", "lzw"), ("zlib", "deflate"), ("packbits", "packbits"), ("zstd", "zstd"),
    ]:
        for dtype in ["u1", "u2", "f4"]:
            name = f"{label}-{np.dtype(dtype).name}"
            simple(f"{name}-strips", pixels(dtype), photometric="minisblack", compression=compression, rowsperstrip=2)
        small = pixels("u1", width=18, height=17)
        simple(f"{label}-tiles", small, photometric="minisblack", compression=compression, tile=(16, 16))
        color = pixels("u1", 3)
        simple(f"{label}-rgb", color, photometric="rgb", compression=compression, rowsperstrip=4)
        simple(
            f"{label}-rgb-separate", color, photometric="rgb", compression=compression, planarconfig="separate",
            rowsperstrip=4,
        )
    for dtype, compression in [("u1", "lzw"), ("u2", "zlib"), ("u4", "zstd"), ("u2", "lzw")]:
        name = f"predictor-{compression}-{np.dtype(dtype).name}"
        simple(name, pixels(dtype), photometric="minisblack", compression=compression, predictor=True)
    for dtype in ["f2", "f4", "f8"]:
        name = f"predictor-deflate-{np.dtype(dtype).name}"
        simple(name, pixels(dtype), photometric="minisblack", compression="zlib", predictor=3)
    simple("predictor-rgb", pixels("u1", 3), photometric="rgb", compression="lzw", predictor=True)
    simple("predictor-big-endian", pixels("u2"), photometric="minisblack", compression="zlib", predictor=True, byteorder=">")
    simple("tiles-rgb-separate", pixels("u1", 3, 18, 10), photometric="rgb", planarconfig="separate", tile=(16, 16),
           compression="zlib")
    simple("tiles-u16-big-endian", pixels("u2", 1, 17, 18), photometric="minisblack", tile=(16, 16), byteorder=">",
           compression="zlib")
    simple("tiles-bool", pixels("?", 1, 35, 18), photometric="minisblack", tile=(16, 16))
    simple("bigtiff", pixels("u2"), photometric="minisblack", bigtiff=True)
    simple("bigtiff-big-endian", pixels("u2"), photometric="minisblack", bigtiff=True, byteorder=">")
    simple("bigtiff-tiles", pixels("u1", 1, 18, 17), photometric="minisblack", bigtiff=True, tile=(16, 16),
           compression="lzw")


def write_colors():
    for dtype in ["u1", "u2", "f4"]:
        name = np.dtype(dtype).name
        simple(f"rgb-{name}", pixels(dtype, 3, 9), photometric="rgb")
        simple(f"rgba-{name}", pixels(dtype, 4, 9), {"alpha": "straight"}, photometric="rgb", extrasamples=["unassalpha"])
    simple("rgba-premultiplied", pixels("u1", 4), {"alpha": "premultiplied"}, photometric="rgb",
           extrasamples=["assocalpha"])
    simple("rgba-unspecified", pixels("u1", 4), {"alpha": "straight"}, photometric="rgb", extrasamples=["unspecified"])
    simple("rgba-separate", pixels("u2", 4, 9), {"alpha": "straight"}, photometric="rgb", extrasamples=["unassalpha"],
           planarconfig="separate")
    simple("gray-alpha", pixels("u1", 2), {"alpha": "straight"}, photometric="minisblack", extrasamples=["unassalpha"],
           planarconfig="contig")
    for bits in [1, 2, 4]:
        indices = (pixels("u1") >> (8 - bits)).astype("u1")
        colors = pixels("u2", 1, 1 << bits, 3)
        data = build([(baseline(WIDTH, HEIGHT, bits, photometric=3, color_map=colors.flatten().tolist()),
                       [pack(indices, bits)])])
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            assert np.array_equal(file.pages[0].colormap, colors)
        add(f"palette-{bits}", data, [expected(indices, bits, palette=colors.flatten().tolist())])
    indices = (pixels("u1") >> 4).astype("u1")
    shallow = pixels("u1", 1, 16, 3).astype("u2")
    data = build([(baseline(WIDTH, HEIGHT, 4, photometric=3, color_map=shallow.flatten().tolist()), [pack(indices, 4)])])
    add("palette-8-bit-colors", data, [expected(indices, 4, palette=(shallow * 257).flatten().tolist())])
    buffer = io.BytesIO()
    picture = Image.fromarray(pixels("u1", 3, 24, 16))
    smooth = picture.resize((24, 16), Image.Resampling.BILINEAR, (0, 0, 4, 3))
    smooth.save(buffer, "TIFF", compression="jpeg", quality=90)
    data = buffer.getvalue()
    with Image.open(io.BytesIO(data)) as image:
        # Pillow writes YCbCr; the inverse is libjpeg's in both readers, up to rounding.
        add("jpeg-ycbcr", data, [expected(np.asarray(image.convert("RGB")), tolerance=2)])
    simple_jpeg = written(np.asarray(smooth.convert("L")), photometric="minisblack", compression="jpeg")
    add("jpeg-gray", simple_jpeg, [expected(read_back(simple_jpeg), tolerance=1)])
    for kind in ["group3", "group4", "tiff_ccitt"]:
        buffer = io.BytesIO()
        Image.fromarray(pixels("?", 1, 40, 20)).save(buffer, "TIFF", compression=kind)
        data = buffer.getvalue()
        with Image.open(io.BytesIO(data)) as image:
            add(f"ccitt-{kind.replace('tiff_ccitt', 'rle')}", data, [expected(np.asarray(image))])


def write_orientations():
    array = pixels("u2", 1, 5, 3)
    color = pixels("u1", 3, 4, 6)
    for orientation in range(1, 9):
        picture = Image.fromarray(array)
        picture.getexif()[0x0112] = orientation
        upright = np.asarray(ImageOps.exif_transpose(picture)).astype("u2")
        spacing = [0.1, 0.2] if orientation < 5 else [0.2, 0.1]
        data = build([(baseline(5, 3, 16, orientation=orientation, resolution_unit=3, x_resolution=[(100, 1)],
                                y_resolution=[(50, 1)]), [array.astype("<u2").tobytes()])])
        add(f"orientation-{orientation}", data, [expected(upright, spacing=spacing)])
    picture = Image.fromarray(color)
    picture.getexif()[0x0112] = 6
    upright = np.asarray(ImageOps.exif_transpose(picture))
    planes = [color[:, :, plane].tobytes() for plane in range(3)]
    data = build([(baseline(4, 6, 8, 3, 2, orientation=6, planar=2), planes)])
    add("orientation-6-rgb-separate", data, [expected(upright)])


def write_resolutions():
    array = pixels("u1", 1, 4, 3)

    def spaced(name, spacing, slice_spacing=None, **tags):
        more = {"spacing": spacing} if spacing else {}
        if slice_spacing:
            more["sliceSpacing"] = slice_spacing
        data = build([(baseline(4, 3, **tags), [array.tobytes()])])
        assert np.array_equal(read_back(data), array)
        add(f"resolution-{name}", data, [expected(array, **more)])

    def imagej(text):
        return b"ImageJ=1.53t\n" + text + b"\0"

    spaced("centimeter", [0.07, 0.08], resolution_unit=3, x_resolution=[(1000, 7)], y_resolution=[(125, 1)])
    spaced("inch", [0.127, 0.127], resolution_unit=2, x_resolution=[(200, 1)], y_resolution=[(200, 1)])
    spaced("inch-by-default", [0.127, 0.127], x_resolution=[(200, 1)], y_resolution=[(200, 1)])
    spaced("no-unit", None, resolution_unit=1, x_resolution=[(200, 1)], y_resolution=[(200, 1)])
    spaced("screen", None, resolution_unit=2, x_resolution=[(72, 1)], y_resolution=[(72, 1)])
    spaced("zero", None, resolution_unit=3, x_resolution=[(0, 1)], y_resolution=[(0, 1)])
    spaced("division-by-zero", None, resolution_unit=3, x_resolution=[(1, 0)], y_resolution=[(1, 0)])
    spaced("imagej-micron", [0.05, 0.05], resolution_unit=1, x_resolution=[(20000, 1000000)],
           y_resolution=[(20000, 1000000)], description=imagej(b"unit=\\u00B5m\nloop=false\n"))
    spaced("imagej-mm", [0.1, 0.1], 0.5, resolution_unit=1, x_resolution=[(10, 1)], y_resolution=[(10, 1)],
           description=imagej(b"unit=mm\nspacing=0.5\nloop=false\n"))
    spaced("imagej-pixel", None, resolution_unit=1, x_resolution=[(10, 1)], y_resolution=[(10, 1)],
           description=imagej(b"unit=pixel\nspacing=2\n"))
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, imagej=True, resolution=(10, 20), metadata={"unit": "mm", "spacing": 0.25},
                     software=False)
    add("resolution-imagej-by-tifffile", buffer.getvalue(), [expected(array, spacing=[0.1, 0.05], sliceSpacing=0.25)])


def write_stacks():
    stack = np.stack([pixels("u2", 1, 6, 5) // np.uint16(index + 1) for index in range(5)])
    data = written(stack, photometric="minisblack")
    add("stack", data, [expected(read_back(data, index)) for index in range(5)])
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, stack[:3].astype("f4") / np.float32(65535), photometric="minisblack", bigtiff=True,
                     metadata=None, software=False, compression="zlib")
    add("stack-float-bigtiff", buffer.getvalue(), [expected(read_back(buffer.getvalue(), index)) for index in range(3)])
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, stack, imagej=True, resolution=(10, 10),
                     metadata={"axes": "ZYX", "unit": "mm", "spacing": 0.75}, software=False)
    data = buffer.getvalue()
    add("stack-imagej", data, [
        expected(read_back(data, index), **({"spacing": [0.1, 0.1], "sliceSpacing": 0.75} if index == 0 else {}))
        for index in range(5)
    ])
    with tifffile.TiffWriter(buffer := io.BytesIO()) as writer:
        for index in range(3):
            options = {"metadata": None, "software": False, "photometric": "minisblack"}
            writer.write(stack[index], **options)
            writer.write(stack[index][::2, ::2], subfiletype=1, **options)
        writer.write(pixels("?", 1, 6, 5), subfiletype=4, photometric="mask", metadata=None, software=False)
    add("stack-with-reduced-copies", buffer.getvalue(), [expected(stack[index]) for index in range(3)])
    with tifffile.TiffWriter(buffer := io.BytesIO()) as writer:
        writer.write(stack[0], metadata=None, software=False, subifds=1, photometric="minisblack")
        writer.write(stack[0][::2, ::2], metadata=None, software=False, subfiletype=1, photometric="minisblack")
    add("pyramid", buffer.getvalue(), [expected(stack[0])])
    with tifffile.TiffWriter(buffer := io.BytesIO()) as writer:
        for array in [stack[0], stack[1][:4]]:
            writer.write(array, metadata=None, software=False, photometric="minisblack")
    add("stack-of-two-sizes", buffer.getvalue(), [expected(stack[0]), expected(stack[1][:4])])
    with tifffile.TiffWriter(buffer := io.BytesIO()) as writer:
        for array in [stack[0], (stack[1] >> 8).astype("u1")]:
            writer.write(array, metadata=None, software=False, photometric="minisblack")
    add("stack-of-two-depths", buffer.getvalue(), [expected(stack[0]), expected((stack[1] >> 8).astype("u1"))])
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, stack[:4].reshape(2, 2, 5, 6), imagej=True, metadata={"axes": "ZCYX"}, software=False)
    data = buffer.getvalue()
    add("stack-of-channels", data, [expected(read_back(data, index)) for index in range(4)])
    tags = baseline(6, 5, 16, description=b"ImageJ=1.53t\nimages=5\nslices=5\n\0")
    add("stack-in-one-page", build([(tags, [stack[0].astype("<u2").tobytes()])]), [expected(stack[0])])


def write_unsupported():
    """Sound files that are refused, each with words of the reason."""
    small = pixels("u1", 3, 16, 16)
    gray = pixels("u1", 1, 16, 16)
    files = {
        "lzma": (written(gray, photometric="minisblack", compression="lzma"), "LZMA"),
        "webp": (written(small, photometric="rgb", compression="webp", compressionargs={"lossless": True}), "WebP"),
        "jpeg2000": (written(gray, photometric="minisblack", compression="jpeg2000"), "JPEG 2000"),
        "lerc": (written(gray, photometric="minisblack", compression="lerc"), "LERC"),
        "complex": (written(gray[:4].astype("c8"), photometric="minisblack"), "complex"),
        "u64": (written(gray[:4].astype("u8"), photometric="minisblack"), "64 bits"),
        "bits-24": (build([(baseline(2, 1, 24), [b"123456"])]), "24 bits"),
        "cmyk": (written(pixels("u1", 4, 4, 4), photometric="separated"), "CMYK"),
        "lab": (written(pixels("u1", 3, 4, 4), photometric="cielab"), "L*a*b*"),
        "two-samples": (written(pixels("u1", 2), photometric="minisblack", planarconfig="contig"), "2 samples"),
        "five-samples": (written(pixels("u1", 5), photometric="minisblack", planarconfig="contig"), "5 samples"),
        "white-zero-float": (build([(baseline(2, 1, 32, photometric=0, sample_format=3), [b"\0" * 8])]), "white as zero"),
        "ycbcr": (build([(baseline(4, 2, 8, 3, 6, rows_per_strip=2), [b"\0" * 24])]), "YCbCr"),
        "unknown-compression": (build([(baseline(2, 1, compression=12345), [b"12"])]), "12345"),
        "no-photometric": (build([({k: v for k, v in baseline(2, 1).items() if k != 262}, [b"12"])]), "Photometric"),
    }
    for name, (data, word) in files.items():
        assert len(data) <= 2048, (name, len(data))
        (FOLDER / "TIFF" / f"refused-{name}.tif").write_bytes(data)
        cases.append({"file": f"refused-{name}", "pages": [], "refusal": word})


def write_png():
    """Seeds for damage and for fuzzing, by Pillow."""
    folder = FOLDER / "PNG"
    folder.mkdir(parents=True, exist_ok=True)
    color = Image.fromarray(pixels("u1", 3))
    pictures = {
        "gray-1": Image.fromarray(pixels("?")), "gray-8": Image.fromarray(pixels("u1")),
        "gray-16": Image.fromarray(pixels("u2")), "gray-alpha": Image.fromarray(pixels("u1", 2), "LA"),
        "rgb": color, "rgba": Image.fromarray(pixels("u1", 4)), "palette": color.quantize(16),
        "long": Image.fromarray(np.tile(pixels("u1"), (8, 4))),
    }
    for name, picture in pictures.items():
        options = {"transparency": 3} if name == "palette" else {}
        picture.save(folder / f"{name}.png", optimize=name == "long", **options)
        assert (folder / f"{name}.png").stat().st_size <= 2048, name


if __name__ == "__main__":
    (FOLDER / "TIFF").mkdir(parents=True, exist_ok=True)
    for old in [*FOLDER.glob("TIFF/*.tif"), *FOLDER.glob("PNG/*.png")]:
        old.unlink()
    write_types()
    write_layouts()
    write_colors()
    write_orientations()
    write_resolutions()
    write_stacks()
    write_unsupported()
    write_png()
    text = "[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n"
    (FOLDER / "tiff.json").write_text(text)
    print(f"{len(cases)} TIFF files, {sum(len(case['pages']) for case in cases)} pages")
