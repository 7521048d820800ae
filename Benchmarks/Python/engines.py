"""Starts what compare.py measures: segkit, and the other engines as processes that wait for their turn."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Modes that PyTorch does not run: which module each needs, and what to install for it.
ENGINES = {
    "onnxruntime": ("onnx", "onnxruntime"),
    "openvino": ("onnx", "openvino"),
    "openvino-default": ("onnx", "openvino"),
}
# Modes whose arithmetic is bfloat16: another accuracy, so that they are told apart from those of 32-bit floats.
HALVED = ("eager-bf16", "compiled-bf16", "openvino-default")

# glibc that keeps its memory: without, PyTorch pays for fresh pages at every step.
TUNED = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184"
}
AVX2_PEER = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}


class Peer:
    """A process of another engine that waits for its turn."""

    def __init__(self, options, environment):
        program = "engine_peer.py" if options["mode"] in ENGINES else "torch_peer.py"
        self.process = subprocess.Popen(
            [sys.executable, HERE / program, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **environment},
        )
        for line in self.process.stdout:
            if line.strip() == "ready":
                return
        raise SystemExit(f"{options['mode']} failed on {options}: run {program} with them to see why")

    def run(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def segkit(program, options, seconds, environment):
    arguments = [program, "bench", options["task"], "--json", "--seconds", str(seconds)]
    for name in ("width", "size", "batch", "threads", "normalization", "precision", "backbone"):
        if name in options:
            arguments += [f"--{name}", str(options[name])]
    if "encoder" in options:
        arguments += ["--set", f"encoder={options['encoder']}"]
    if options.get("backbone") == "unet":
        # As the bench net, and as the others by default.
        arguments += ["--set", "upsampling=transposed"]
    output = subprocess.run(arguments, capture_output=True, text=True, check=True, env={**os.environ, **environment})
    return json.loads(output.stdout)


def is_installed(mode):
    return all(importlib.util.find_spec(module) for module in ENGINES.get(mode, ()))
