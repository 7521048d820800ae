"""Prints the files that NumpyArrayTests expects: numpy.save of the same arrays, as base64 by shape.

Run by hand, with `pip install numpy`: python3 numpy_arrays.py
"""

import base64
import io

import numpy

SHAPES = [(3, 4), (5,), (), (2, 3, 4), (0, 7), (1234567, 0)]


def values(shape):
    """Numbers that 32 bits hold exactly, and the ones that are none."""
    count = int(numpy.prod(shape))
    array = numpy.arange(count, dtype=numpy.float32) / 8 - 1
    special = numpy.array([numpy.nan, numpy.inf, -numpy.inf, -0.0, 1e-45], dtype=numpy.float32)
    array[: min(count, 5)] = special[: min(count, 5)]
    return array.reshape(shape)


print("NumPy", numpy.__version__)
for shape in SHAPES:
    buffer = io.BytesIO()
    numpy.save(buffer, values(shape))
    print(list(shape), base64.b64encode(buffer.getvalue()).decode())
