"""Prints the expected values of HashTests.swift from the reference library (pip install xxhash)."""

import struct

import xxhash

buffer = bytearray()
state = 2654435761
for _ in range(5000):
    buffer.append(state >> 56)
    state = state * 11400714785074694797 % 2**64

digests = "".join(xxhash.xxh3_128(bytes(buffer[:count])).hexdigest() for count in range(4501))
print("all lengths:", xxhash.xxh3_128(digests.encode()).hexdigest())


def component(kind, label, value):
    label = label.encode()
    return bytes([kind]) + len(label).to_bytes(8, "little") + len(value).to_bytes(8, "little") + label + value




key = (
    component(1, "id", b"case010")
    + component(2, "size", struct.pack("<q", 128))
    + component(3, "spacing", struct.pack("<d", 0.1))
    + component(2, "metadata", struct.pack("<q", 2))
    + component(1, "BIRADS", b"4a")
    + component(1, "Shape", b"oval")
    + component(5, "pathology", b"")
)
print("key:", xxhash.xxh3_128(key).hexdigest())
