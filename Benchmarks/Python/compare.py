"""Runs `segkit bench` and PyTorch in turns and writes a Markdown table of ratios.

python compare.py SEGKIT TABLE OUTPUT.md [--rounds N] [--seconds S] [--only NAME]; called by Benchmarks/compare. TABLE is
`network`, the bench net in several sizes, or `variants`, the other backbones and encoders.

Each row: some rounds, in each of which segkit and every PyTorch mode run for a few seconds one after the other. The ratio
is taken within a round, so that a machine that slows down for a while slows both; reported are its median over the
rounds, and its least and largest.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch_peer.py")

# glibc that keeps its memory: without, PyTorch pays for fresh pages at every step.
TUNED = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184"
}
# What a row has unless it says otherwise.
BENCH_NET = {
    "width": 16,
    "size": 128,
    "batch": 8,
    "threads": os.cpu_count(),
    "normalization": "batch",
    "precision": "float32",
}
# Width and pixels.
SIZES = ((16, 128), (16, 256), (32, 128), (32, 256))
AVX2_PEER = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}


class Peer:
    """A PyTorch process that waits for its turn."""

    def __init__(self, options, environment):
        self.process = subprocess.Popen(
            [sys.executable, PEER, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **environment},
        )
        for line in self.process.stdout:
            if line.strip() == "ready":
                return
        raise SystemExit(f"PyTorch failed on {options}: run torch_peer.py with them to see why")

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


def compare(program, row, rounds, seconds):
    options = {**BENCH_NET, **row["options"]}
    if "backbone" in options:
        del options["width"], options["normalization"]
    is_training = options["task"] == "train-step"
    modes = row.get("modes", ["eager"] if is_training else ["eager", "compiled"])
    own_environment = {"SEGKIT_ISA": "avx2"} if row.get("avx2") else {}
    environment = {**TUNED, **(AVX2_PEER if row.get("avx2") else {})}
    peers = {mode: Peer({**options, "mode": mode}, environment) for mode in modes}
    ratios, own, others = [], [], {mode: [] for mode in modes}
    for _ in range(rounds):
        mine = segkit(program, options, seconds, own_environment)
        answers = {mode: peer.run(seconds) for mode, peer in peers.items()}
        for answer in answers.values():
            if answer["parameters"] != mine["parameters"]:
                counts = f"{mine['parameters']} parameters here and {answer['parameters']} there"
                raise SystemExit(f"{row['name']}: the networks differ, with {counts}")
        theirs = {mode: answer["median_ms"] for mode, answer in answers.items()}
        own.append(mine["median_ms"])
        for mode, value in theirs.items():
            others[mode].append(value)
        ratios.append(min(theirs.values()) / mine["median_ms"])
        own_memory = mine["peak_rss_mb"]
    for peer in peers.values():
        peer.close()
    memory = ""
    if is_training and not row.get("avx2"):
        # As a user starts it, without the tuning, which costs memory.
        default = Peer({**options, "mode": "eager"}, {})
        memory = f"{own_memory / default.run(1)['peak_rss_mb']:.2f}"
        default.close()
    best = min(modes, key=lambda mode: statistics.median(others[mode]))
    return {
        "name": row["name"],
        "ratio": statistics.median(ratios),
        "least": min(ratios),
        "largest": max(ratios),
        "own": statistics.median(own),
        "other": statistics.median(others[best]),
        "best": best,
        "memory": memory,
        "gflops": mine["gflops"],
    }


def contention(program, rounds, seconds):
    """How much a busy process beside slows a training step down."""
    options = {**BENCH_NET, "task": "train-step"}
    slowdowns = {"segkit": [], "PyTorch": []}
    peer = Peer({**options, "mode": "eager"}, TUNED)
    for _ in range(rounds):
        quiet = {"segkit": segkit(program, options, seconds, {})["median_ms"], "PyTorch": peer.run(seconds)["median_ms"]}
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            crowded = {
                "segkit": segkit(program, options, seconds, {})["median_ms"],
                "PyTorch": peer.run(seconds)["median_ms"],
            }
        finally:
            busy.kill()
            busy.wait()
        for name in slowdowns:
            slowdowns[name].append(crowded[name] / quiet[name])
    peer.close()
    return {name: statistics.median(values) for name, values in slowdowns.items()}


def rows():
    for width, size in SIZES:
        for task in ("train-step", "inference"):
            yield {"name": f"{task}, {width}/{size}", "options": {"task": task, "width": width, "size": size}}
    yield {
        "name": "train-step, 16/128, instance normalization",
        "options": {"task": "train-step", "normalization": "instance"},
    }
    # PyTorch stays in 32-bit floats: its bfloat16 is arithmetic, another accuracy.
    yield {
        "name": "train-step, 16/256, activations kept as bfloat16",
        "options": {"task": "train-step", "size": 256, "precision": "bf16-storage"},
    }
    for width, size in SIZES:
        for task in ("train-step", "inference"):
            options = {"task": task, "width": width, "size": size}
            yield {"name": f"{task}, {width}/{size}, 1 thread", "options": {**options, "threads": 1}}
    for width, size in (SIZES[0], SIZES[-1]):
        for task in ("train-step", "inference"):
            options = {"task": task, "width": width, "size": size}
            yield {"name": f"{task}, {width}/{size}, AVX2", "options": options, "avx2": True}
    yield {
        "name": "inference, 16/256, batch of 1",
        "options": {"task": "inference", "size": 256, "batch": 1},
        "modes": ["eager", "planes", "compiled"],
    }


BACKBONES = (
    "attention-unet", "unet-plus-plus", "dense-unet", "unet3-plus", "residual-unet", "linknet", "fpn", "deeplabv3-plus",
)  # fmt: skip
ENCODERS = (
    "resnet18", "resnet34", "resnet50", "vgg16-bn", "mobilenet-v2", "efficientnet-lite0", "efficientnet-lite1",
    "efficientnet-lite2", "convnext-tiny",
)  # fmt: skip


def variant_rows():
    networks = [(name, {"backbone": name}) for name in BACKBONES]
    networks += [(f"unet of {name}", {"backbone": "unet", "encoder": name}) for name in ENCODERS]
    for name, options in networks:
        for task in ("train-step", "inference"):
            yield {"name": f"{task}, {name}", "options": {"task": task, "size": 256, **options}}


def machine():
    name = platform.machine()
    with open("/proc/cpuinfo") as file:
        lines = dict(line.split(":", 1) for line in file.read().split("\n\n")[0].splitlines() if ":" in line)
    lines = {key.strip(): value.strip() for key, value in lines.items()}
    name = lines.get("model name", name)
    flags = lines.get("flags", "").split()
    sets = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    family = f"family {lines.get('cpu family', '?')}, model {lines.get('model', '?')}"
    return f"{name} ({family}; {', '.join(sets)}), {os.cpu_count()} processors"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("segkit")
    parser.add_argument("table", choices=("network", "variants"))
    parser.add_argument("output")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", default="", help="rows whose names contain this")
    arguments = parser.parse_args()
    import torch

    is_bench_net = arguments.table == "network"
    lines = [
        f"PyTorch {torch.__version__}, {machine()}; {arguments.rounds} rounds of {arguments.seconds:g} s each.",
        "",
        f"| {'bench net, width/px' if is_bench_net else 'network'} | times as fast as PyTorch | least to largest | segkit, ms "
        "| PyTorch, ms (its fastest mode) | memory, of PyTorch's | GFLOP/s |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows() if is_bench_net else variant_rows():
        if arguments.only not in row["name"]:
            continue
        result = compare(arguments.segkit, row, arguments.rounds, arguments.seconds)
        lines.append(
            "| {name} | **{ratio:.2f}** | {least:.2f} to {largest:.2f} | {own:.1f} | {other:.1f} ({best}) | {memory} | {gflops:.0f} |".format(
                **result
            )
        )
        print(lines[-1], flush=True)
    if is_bench_net and not arguments.only:
        slowdown = contention(arguments.segkit, arguments.rounds, arguments.seconds)
        lines += [
            "",
            "One other busy process on the machine slows a training step (16/128) of segkit down "
            f"{slowdown['segkit']:.2f} times, one of PyTorch {slowdown['PyTorch']:.2f} times.",
        ]
    with open(arguments.output, "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
