"""Writes TIFF files tag by tag, for the kinds that tifffile reads but does not write."""

import struct

FORMATS = {1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 16: "Q"}


def build(pages, order="<", big=False):
    """Bytes of a TIFF. A page is (tags, segments): tags {code: (type, [values])} without the segments' own."""
    header = 16 if big else 8
    if big:
        body = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "HHHQ", 43, 8, 0, 0))
    else:
        body = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 0))
    link = header - (8 if big else 4)
    for tags, segments in pages:
        tags = dict(tags)
        offsets = []
        for segment in segments:
            offsets.append(len(body))
            body += segment + b"\0" * (len(segment) % 2)
        is_tiled = 322 in tags
        tags[324 if is_tiled else 273] = (16 if big else 4, offsets)
        tags[325 if is_tiled else 279] = (4, [len(segment) for segment in segments])
        entries = []
        for code in sorted(tags):
            kind, values = tags[code]
            if kind == 2:
                payload, count = values, len(values)
            else:
                letters = FORMATS[kind]
                payload = b"".join(
                    struct.pack(order + letters, *(value if isinstance(value, tuple) else (value,))) for value in values
                )
                count = len(values)
            inline = 8 if big else 4
            if len(payload) > inline:
                position = len(body)
                body += payload + b"\0" * (len(payload) % 2)
                payload = struct.pack(order + ("Q" if big else "I"), position)
            payload += b"\0" * (inline - len(payload))
            entries.append(struct.pack(order + ("HHQ" if big else "HHI"), code, kind, count) + payload)
        position = len(body)
        body[link : link + inline] = struct.pack(order + ("Q" if big else "I"), position)
        body += struct.pack(order + ("Q" if big else "H"), len(entries)) + b"".join(entries)
        link = len(body)
        body += b"\0" * inline
    return bytes(body)


def baseline(width, height, bits=8, samples=1, photometric=1, **more):
    """The tags that every page has; more by the names below."""
    codes = {
        "compression": (259, 3), "orientation": (274, 3), "rows_per_strip": (278, 4), "planar": (284, 3),
        "fill_order": (266, 3), "extra": (338, 3), "sample_format": (339, 3), "color_map": (320, 3),
        "subfile_type": (254, 4), "tile_width": (322, 3), "tile_length": (323, 3), "resolution_unit": (296, 3),
        "x_resolution": (282, 5), "y_resolution": (283, 5), "description": (270, 2), "predictor": (317, 3),
    }
    tags = {
        256: (4, [width]), 257: (4, [height]), 258: (3, [bits] * samples), 259: (3, [1]), 262: (3, [photometric]),
        277: (3, [samples]), 278: (4, [height]),
    }
    for name, value in more.items():
        code, kind = codes[name]
        tags[code] = (kind, value if isinstance(value, (list, bytes)) else [value])
    if 322 in tags:
        del tags[278]
    return tags


def pack(rows, bits):
    """Rows of samples as bits, most significant first, each row from a byte of its own."""
    result = bytearray()
    for row in rows:
        text = "".join(format(int(value), f"0{bits}b") for value in row)
        text += "0" * (-len(text) % 8)
        result += bytes(int(text[index : index + 8], 2) for index in range(0, len(text), 8))
    return bytes(result)
