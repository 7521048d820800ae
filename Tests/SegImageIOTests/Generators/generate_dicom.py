"""Writes Fixtures/DICOM: small files of every kind that is read, each beside a PNG of what pydicom reads in it, and those that are
refused.

Run by hand after a change: pip install pydicom pylibjpeg numpy pillow, then python3 generate_dicom.py
pixels: pydicom's `pixel_array` with its own conversion of colors; of JPEG, Pillow's.
"""

import io
import json
import pathlib
import struct

import numpy as np
from PIL import Image
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.pixels import apply_color_lut, convert_color_space, pixel_array
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless,
)

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "Fixtures" / "DICOM"
FIXTURES.mkdir(parents=True, exist_ok=True)
WIDTH, HEIGHT = 18, 13
US, US_MULTI = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1"

rng = np.random.default_rng(11)
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]


def levels(bits, seed):
    """Smooth stripes with some noise and a flat part, which runs are made of."""
    noise = np.random.default_rng(seed).normal(0, 0.04, (HEIGHT, WIDTH))
    values = 0.5 + 0.4 * np.sin(x / 3 + seed) * np.cos(y / 4) + noise
    values[:, :4] = 0.25
    return np.clip(values * (2**bits - 1), 0, 2**bits - 1).astype(np.uint8 if bits <= 8 else np.uint16)


GRAY = levels(8, 1)
RGB = np.stack([levels(8, 1), levels(8, 2), levels(8, 3)], axis=2)


def dataset(photometric, samples=1, allocated=8, stored=None, frames=None, planar=None):
    ds = Dataset()
    ds.SOPClassUID = US if frames is None else US_MULTI
    ds.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    # What must never be repeated.
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = "SECRET^NAME", "SECRET-ID", "19000101"
    ds.Modality = "US"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = samples, photometric
    ds.Rows, ds.Columns = HEIGHT, WIDTH
    if frames is not None:
        ds.NumberOfFrames = frames
    if samples == 3:
        ds.PlanarConfiguration = planar or 0
    stored = stored or allocated
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = allocated, stored, stored - 1, 0
    return ds


def region(dx, dy, units=3, form=1, **kind):
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = form, 1, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0, item.RegionLocationMaxX1, item.RegionLocationMaxY1 = 0, 0, 9, 9
    item.PhysicalUnitsXDirection, item.PhysicalUnitsYDirection = units, units
    item.PhysicalDeltaX, item.PhysicalDeltaY = dx, dy
    return item


def saved(name, ds, syntax=ExplicitVRLittleEndian, pixels=None, vr=None):
    if pixels is not None:
        data = pixels if isinstance(pixels, bytes) else pixels.tobytes()
        ds.add(DataElement(0x7FE00010, vr or ("OW" if ds.BitsAllocated > 8 else "OB"), data + b"\0" * (len(data) % 2)))
    ds["PixelData"].is_undefined_length = UID(syntax).is_compressed
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    ds.save_as(FIXTURES / f"{name}.dcm", enforce_file_format=True)
    return ds


def expect(name, array, suffix=""):
    if array.dtype == np.uint16 and array.ndim == 3:
        # Pillow writes no colors of 16 bits: three gray pictures below one another.
        array = np.concatenate([array[..., i] for i in range(3)])
    Image.fromarray(array).save(FIXTURES / f"{name}{suffix}.png")


def read(name, ds, **options):
    return pixel_array(FIXTURES / f"{name}.dcm", raw=True, **options)


def fragments(data):
    """RLE or JPEG of frames, each a fragment, with a table of offsets."""
    return encapsulate(data)


def packed(array):
    """A frame in RLE by pydicom's encoder."""
    ds = dataset("RGB" if array.ndim == 3 else "MONOCHROME2", 3 if array.ndim == 3 else 1, array.itemsize * 8)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.add(DataElement(0x7FE00010, "OW", array.tobytes() + b"\0" * (array.nbytes % 2)))
    ds.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    from pydicom.encaps import generate_frames
    return next(generate_frames(ds.PixelData, number_of_frames=1))


def jpeg(array, **options):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "JPEG", **({"quality": 90} | options))
    return buffer.getvalue()


def without_markers(data):
    """Without JFIF and Adobe: nothing says what the components are."""
    out, place = data[:2], 2
    while data[place + 1] != 0xDA:
        length = struct.unpack(">H", data[place + 2:place + 4])[0]
        if data[place + 1] not in (0xE0, 0xEE):
            out += data[place:place + 2 + length]
        place += 2 + length
    return out + data[place:]


def rgb_to_ybr(array):
    return convert_color_space(array, "RGB", "YBR_FULL")


# Uncompressed gray levels, in each way of writing.
for name, syntax in [("implicit", ImplicitVRLittleEndian), ("explicit", ExplicitVRLittleEndian), ("big", ExplicitVRBigEndian)]:
    ds = saved(f"gray8-{name}", dataset("MONOCHROME2"), syntax, GRAY)
    expect(f"gray8-{name}", read(f"gray8-{name}", ds))
    twelve = levels(12, 4)
    # The bits above hold a drawing, which is no part of the picture.
    pixels = twelve | (np.uint16(1 << 14) * (x % 5 == 0)).astype(np.uint16)
    order = ">" if name == "big" else "<"
    ds = saved(f"gray12-{name}", dataset("MONOCHROME2", allocated=16, stored=12), syntax, pixels.astype(f"{order}u2"))
    expect(f"gray12-{name}", read(f"gray12-{name}", ds).astype(np.uint16) & 0xFFF)

ds = dataset("MONOCHROME2")
words = np.append(GRAY.ravel(), np.zeros(GRAY.size % 2, np.uint8)).reshape(-1, 2)[:, ::-1]
saved("gray8-big-words", ds, ExplicitVRBigEndian, words.tobytes(), vr="OW")
expect("gray8-big-words", read("gray8-big-words", ds))
ds = saved("white-is-zero", dataset("MONOCHROME1"), pixels=GRAY)
expect("white-is-zero", 255 - read("white-is-zero", ds))

# Colors.
for planar in (0, 1):
    pixels = RGB if planar == 0 else RGB.transpose(2, 0, 1)
    ds = saved(f"rgb-planar{planar}", dataset("RGB", 3, planar=planar), pixels=np.ascontiguousarray(pixels))
    expect(f"rgb-planar{planar}", read(f"rgb-planar{planar}", ds))
    ybr = rgb_to_ybr(RGB)
    pixels = ybr if planar == 0 else ybr.transpose(2, 0, 1)
    ds = saved(f"ybr-planar{planar}", dataset("YBR_FULL", 3, planar=planar), pixels=np.ascontiguousarray(pixels))
    expect(f"ybr-planar{planar}", convert_color_space(read(f"ybr-planar{planar}", ds), "YBR_FULL", "RGB"))
ybr = rgb_to_ybr(RGB)
pairs = np.stack([ybr[:, 0::2, 0], ybr[:, 1::2, 0], ybr[:, 0::2, 1], ybr[:, 0::2, 2]], axis=2)
ds = saved("ybr-422", dataset("YBR_FULL_422", 3), pixels=np.ascontiguousarray(pairs))
expect("ybr-422", convert_color_space(read("ybr-422", ds), "YBR_FULL", "RGB"))


def palette(ds, entries, first, bits, wide, order="<"):
    ramp = np.linspace(0, 1, entries)
    colors = {"Red": ramp, "Green": ramp**2, "Blue": 1 - ramp}
    dtype = np.dtype(f"{order}u2") if wide else np.dtype("u1")
    for color, values in colors.items():
        table = (values * (2**bits - 1)).astype(dtype).tobytes()
        setattr(ds, f"{color}PaletteColorLookupTableDescriptor", [entries, first, bits])
        setattr(ds, f"{color}PaletteColorLookupTableData", table + b"\0" * (len(table) % 2))
    return ds


for name, (entries, first, bits, wide) in {
    "palette8": (256, 0, 8, False), "palette16": (256, 0, 16, True), "palette-short": (100, 60, 8, False),
    "palette-words": (200, 0, 8, True),
}.items():
    ds = saved(name, palette(dataset("PALETTE COLOR"), entries, first, bits, wide), pixels=GRAY)
    expect(name, apply_color_lut(read(name, ds), ds).astype(np.uint16 if bits == 16 else np.uint8))
ds = saved("palette16-big", palette(dataset("PALETTE COLOR"), 256, 0, 16, True, ">"), ExplicitVRBigEndian, GRAY)
expect("palette16-big", np.asarray(Image.open(FIXTURES / "palette16.png")).astype(np.uint16))

# RLE.
TWELVE = levels(12, 5)
for name, (photometric, array, stored) in {
    "rle-gray8": ("MONOCHROME2", GRAY, 8), "rle-gray12": ("MONOCHROME2", TWELVE, 12), "rle-rgb": ("RGB", RGB, 8),
    "rle-ybr": ("YBR_FULL", rgb_to_ybr(RGB), 8), "rle-palette": ("PALETTE COLOR", GRAY, 8),
}.items():
    ds = dataset(photometric, array.ndim if array.ndim == 3 else 1, array.itemsize * 8, stored)
    if photometric == "PALETTE COLOR":
        palette(ds, 256, 0, 8, False)
    ds = saved(name, ds, RLELossless, fragments([packed(array)]))
    pixels = read(name, ds)
    if photometric == "YBR_FULL":
        pixels = convert_color_space(pixels, "YBR_FULL", "RGB")
    if photometric == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, ds)
    expect(name, pixels)

# JPEG, in which the file's own markers say what components are, and where there are none the DICOM.
for name, (photometric, data, expected) in {
    "jpeg-gray": ("MONOCHROME2", jpeg(GRAY), None), "jpeg-white-is-zero": ("MONOCHROME1", jpeg(GRAY), None),
    "jpeg-422": ("YBR_FULL_422", jpeg(RGB, subsampling=1), None), "jpeg-ybr": ("YBR_FULL", jpeg(RGB, subsampling=0), None),
    "jpeg-said-rgb": ("RGB", jpeg(RGB, subsampling=0), None),
    "jpeg-rgb": ("RGB", without_markers(jpeg(rgb_to_ybr(RGB), subsampling=0)), None),
}.items():
    if name == "jpeg-rgb":
        # Components of red, green and blue, coded as they are: Pillow is told that what it gets is no color.
        buffer = io.BytesIO()
        Image.fromarray(RGB).save(buffer, "JPEG", quality=90, keep_rgb=True)
        marked = buffer.getvalue()
        expected = np.asarray(Image.open(io.BytesIO(marked)))
        data = without_markers(marked)
        # Ids 1, 2, 3, as encoders of scanners have them; libjpeg writes "R", "G", "B", by which it knows them.
        data = bytearray(data)
        frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
        for index in range(3):
            data[frame + 10 + 3 * index] = data[scan + 5 + 2 * index] = index + 1
        data = bytes(data)
    else:
        expected = np.asarray(Image.open(io.BytesIO(data)))
    ds = dataset(photometric, 3 if expected.ndim == 3 else 1)
    saved(name, ds, JPEGBaseline8Bit, fragments([data]))
    expect(name, 255 - expected if photometric == "MONOCHROME1" else expected)

# Loops.
FRAMES = [levels(8, 20 + index) for index in range(3)]
COLORS = [np.stack([f, f[::-1], 255 - f], axis=2) for f in FRAMES]
ds = saved("loop", dataset("MONOCHROME2", frames=3), pixels=np.stack(FRAMES))
for index in range(3):
    expect("loop", read("loop", ds, index=index), f"-{index + 1}")
ds = saved("loop-rgb", dataset("RGB", 3, frames=3, planar=1), pixels=np.ascontiguousarray(np.stack(COLORS).transpose(0, 3, 1, 2)))
for index in range(3):
    expect("loop-rgb", read("loop-rgb", ds, index=index), f"-{index + 1}")
ds = saved("loop-rle", dataset("RGB", 3, frames=3), RLELossless, fragments([packed(f) for f in COLORS]))
for index in range(3):
    expect("loop-rle", read("loop-rle", ds, index=index), f"-{index + 1}")
JPEGS = [jpeg(f) for f in FRAMES]
# Two fragments a frame: with a table, with an extended one, and with none, which is refused.
saved("loop-jpeg", dataset("MONOCHROME2", frames=3), JPEGBaseline8Bit, encapsulate(JPEGS, fragments_per_frame=2))
for index in range(3):
    expect("loop-jpeg", np.asarray(Image.open(io.BytesIO(JPEGS[index]))), f"-{index + 1}")
saved("refused-loop-without-table", dataset("MONOCHROME2", frames=3), JPEGBaseline8Bit,
      encapsulate(JPEGS, fragments_per_frame=2, has_bot=False))
ds = dataset("MONOCHROME2", frames=3)
table = encapsulate(JPEGS, fragments_per_frame=2)
offsets = struct.unpack("<3I", table[8:20])
ds.ExtendedOffsetTable = struct.pack("<3Q", *offsets)
ds.ExtendedOffsetTableLengths = struct.pack("<3Q", *[len(j) + len(j) % 2 for j in JPEGS])
saved("loop-jpeg-extended", ds, JPEGBaseline8Bit, encapsulate(JPEGS, fragments_per_frame=2, has_bot=False))
# One picture in many fragments.
ds = dataset("MONOCHROME2")
saved("jpeg-fragments", ds, JPEGBaseline8Bit, encapsulate([JPEGS[0]], fragments_per_frame=4, has_bot=False))
expect("jpeg-fragments", np.asarray(Image.open(io.BytesIO(JPEGS[0]))))

# The size of a pixel, and sequences: of undefined length, nested, private and of an unknown kind.
spacings = {}


def spaced(name, expected, syntax=ExplicitVRLittleEndian, undefined=False, **elements):
    ds = dataset("MONOCHROME2")
    for key, value in elements.items():
        setattr(ds, key, value)
    if undefined and "SequenceOfUltrasoundRegions" in ds:
        ds["SequenceOfUltrasoundRegions"].is_undefined_length = True
        for item in ds.SequenceOfUltrasoundRegions:
            item.is_undefined_length_sequence_item = True
    if undefined:
        inner, middle = Dataset(), Dataset()
        inner.PatientComments = "SECRET"
        middle.ReferencedStudySequence = Sequence([inner])
        middle["ReferencedStudySequence"].is_undefined_length = True
        inner.is_undefined_length_sequence_item = True
        ds.ReferencedImageSequence = Sequence([middle, inner])
        ds["ReferencedImageSequence"].is_undefined_length = True
        middle.is_undefined_length_sequence_item = True
    saved(f"spacing-{name}", ds, syntax, GRAY)
    spacings[name] = expected


spaced("regions", [0.08, 0.09], SequenceOfUltrasoundRegions=Sequence([region(0.008, 0.009)]), PixelSpacing=[1, 2])
spaced("regions-undefined", [0.08, 0.09], undefined=True,
       SequenceOfUltrasoundRegions=Sequence([region(0.008, 0.009), region(0.008, -0.009)]))
spaced("regions-implicit", [0.08, 0.09], ImplicitVRLittleEndian, undefined=True,
       SequenceOfUltrasoundRegions=Sequence([region(5, 7, form=3), region(0.008, 0.009)]))
spaced("regions-big", [0.08, 0.09], ExplicitVRBigEndian, undefined=True,
       SequenceOfUltrasoundRegions=Sequence([region(0.008, 0.009)]))
spaced("regions-differ", None, PixelSpacing=[1, 2],
       SequenceOfUltrasoundRegions=Sequence([region(0.008, 0.009), region(0.004, 0.0045)]))
spaced("regions-in-seconds", [2, 1], PixelSpacing=[1, 2], SequenceOfUltrasoundRegions=Sequence([region(0.1, 0.1, units=4)]))
spaced("pixel", [0.25, 0.125], PixelSpacing=["0.125", "0.25"], ImagerPixelSpacing=[3, 4])
spaced("imager", [4, 3], ImagerPixelSpacing=[3, 4])
spaced("zero", None, PixelSpacing=[0, 0])
spaced("none", None)
(FIXTURES / "spacings.json").write_text(json.dumps(spacings, indent=1) + "\n")

for value in ("NO", "YES"):
    ds = dataset("MONOCHROME2")
    ds.BurnedInAnnotation = value
    saved(f"text-{value.lower()}", ds, pixels=GRAY)

# What is refused. The pixels are not looked at.
for name, syntax in {
    "deflated": "1.2.840.10008.1.2.1.99", "jpeg-extended": "1.2.840.10008.1.2.4.51", "jpeg-lossless": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80", "jpeg-2000": "1.2.840.10008.1.2.4.90", "video": "1.2.840.10008.1.2.4.102",
    "unknown": "1.2.840.99999.1",
}.items():
    # Written as plain, then renamed, as pydicom would deflate.
    saved(f"refused-{name}", dataset("MONOCHROME2"), pixels=GRAY)
    file = FIXTURES / f"refused-{name}.dcm"
    from pydicom.filewriter import write_file_meta_info
    content = file.read_bytes()
    start = content.index(b"\x02\x00\x10\x00UI") + 6
    length = struct.unpack("<H", content[start:start + 2])[0]
    text = syntax.encode() + b"\0" * (len(syntax) % 2)
    file.write_bytes(content[:start] + struct.pack("<H", len(text)) + text + content[start + 2 + length:])

for name, change in {
    "no-rows": lambda ds: ds.__delattr__("Rows"),
    "no-photometric": lambda ds: ds.__delattr__("PhotometricInterpretation"),
    "cmyk": lambda ds: setattr(ds, "PhotometricInterpretation", "CMYK"),
    "secret-photometric": lambda ds: setattr(ds, "PhotometricInterpretation", "SECRET"),
    "signed": lambda ds: setattr(ds, "PixelRepresentation", 1),
    "rescaled": lambda ds: (setattr(ds, "RescaleSlope", 2), setattr(ds, "RescaleIntercept", 0)),
    "segmentation": lambda ds: setattr(ds, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.66.4"),
    "two-frames": lambda ds: setattr(ds, "NumberOfFrames", 2),
    "no-palette": lambda ds: setattr(ds, "PhotometricInterpretation", "PALETTE COLOR"),
}.items():
    ds = dataset("MONOCHROME2")
    change(ds)
    saved(f"refused-{name}", ds, pixels=GRAY)
ds = dataset("MONOCHROME2")
saved("refused-no-pixels", ds, pixels=GRAY)
del ds.PixelData
ds.save_as(FIXTURES / "refused-no-pixels.dcm", enforce_file_format=True)
