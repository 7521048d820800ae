"""Runs `segkit bench` and other engines in turns and writes a Markdown table of ratios.

python compare.py SEGKIT TABLE OUTPUT.md [--rounds N] [--seconds S] [--only NAME] [--keep FOLDER]; called by
Benchmarks/compare. TABLE is `network`, the bench net in several sizes, or `variants`, the other backbones and encoders.

Each row: some rounds, in each of which segkit and every engine run for a few seconds one after the other. The ratio is taken
within a round, so that a machine that slows down for a while slows both; reported are its median over the rounds, and its least
and largest. It is that of the fastest engine in 32-bit floats; that of the fastest in bfloat16 has a column of its own.

Each row is measured by a process of its own, which writes what it found as JSON. With `--keep` the files stay: the next call
measures only rows that are missing, or that another program, machine or setting made. A row that fails leaves the others alone.
"""

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

from engines import AVX2_PEER, HALVED, HERE, TUNED, Peer, is_installed, segkit
from rows import BENCH_NET, bench_net_rows, variant_rows

def compare(program, row, rounds, seconds):
    options = row["options"]
    if "backbone" in options:
        options = {name: value for name, value in options.items() if name not in ("width", "normalization")}
    is_training = options["task"] == "train-step"
    modes = row.get("modes", ["eager"] if is_training else ["eager", "compiled"])
    modes = [mode for mode in modes if is_installed(mode)]
    own_environment = {"SEGKIT_ISA": "avx2"} if row.get("avx2") else {}
    environment = {**TUNED, **(AVX2_PEER if row.get("avx2") else {})}
    peers = {mode: Peer({**options, "mode": mode}, environment) for mode in modes}
    ratios, halved, own, others, peaks = [], [], [], {mode: [] for mode in modes}, {}
    for _ in range(rounds):
        mine = segkit(program, options, seconds, own_environment)
        answers = {mode: peer.run(seconds) for mode, peer in peers.items()}
        for mode, answer in answers.items():
            if answer["parameters"] != mine["parameters"]:
                counts = f"{mine['parameters']} parameters here and {answer['parameters']} there"
                raise SystemExit(f"{row['name']}: the networks differ, with {counts}")
            others[mode].append(answer["median_ms"])
            peaks[mode] = answer["peak_rss_mb"]
        own.append(mine["median_ms"])
        ratios.append(min(answers[mode]["median_ms"] for mode in modes if mode not in HALVED) / mine["median_ms"])
        if in_bfloat16 := [answer["median_ms"] for mode, answer in answers.items() if mode in HALVED]:
            halved.append(min(in_bfloat16) / mine["median_ms"])
        peaks["segkit"] = mine["peak_rss_mb"]
    for peer in peers.values():
        peer.close()
    memory = None
    if is_training and not row.get("avx2"):
        # As a user starts it, without the tuning, which costs memory.
        default = Peer({**options, "mode": "eager"}, {})
        peaks["eager, default malloc"] = default.run(1)["peak_rss_mb"]
        default.close()
        memory = peaks["segkit"] / peaks["eager, default malloc"]
    medians = {mode: statistics.median(values) for mode, values in others.items()}
    return {
        "name": row["name"],
        "ratio": statistics.median(ratios),
        "least": min(ratios),
        "largest": max(ratios),
        "own_ms": statistics.median(own),
        "others_ms": medians,
        "halved": statistics.median(halved) if halved else None,
        "best": min((mode for mode in modes if mode not in HALVED), key=medians.get),
        "ratios": {mode: value / statistics.median(own) for mode, value in medians.items()},
        "memory": memory,
        "peak_rss_mb": peaks,
        "parameters": mine["parameters"],
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


def conditions(arguments, row):
    """What a result depends on: one under other conditions is measured again."""
    program = hashlib.sha256(pathlib.Path(arguments.segkit).read_bytes()).hexdigest()
    versions = {}
    for module in ("torch", "onnxruntime", "openvino"):
        if importlib.util.find_spec(module):
            versions[module] = importlib.metadata.version(module)
    peers = [HERE / name for name in ("torch_peer.py", "engine_peer.py", "variant_peer.py", "turns.py")]
    return {
        "segkit": program,
        "versions": versions,
        "peers": hashlib.sha256(b"".join(path.read_bytes() for path in peers)).hexdigest(),
        "machine": machine(),
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
        "row": json.loads(json.dumps(row)),
    }


def measured(arguments, row, folder):
    """The result of a row, from its file if that is still valid; `None` if it cannot be measured."""
    file = folder / (re.sub(r"[^a-z0-9]+", "-", row["name"].lower()).strip("-") + ".json")
    wanted = conditions(arguments, row)
    try:
        found = json.loads(file.read_text())
        if found["conditions"] == wanted:
            return found
    except (OSError, ValueError, KeyError):
        pass
    command = [sys.executable, __file__, arguments.segkit, arguments.table, str(file), "--row", json.dumps(row)]
    command += ["--rounds", str(arguments.rounds), "--seconds", str(arguments.seconds)]
    if subprocess.run(command).returncode != 0:
        return None
    return json.loads(file.read_text())


def write_row(arguments):
    row = json.loads(arguments.row)
    result = compare(arguments.segkit, row, arguments.rounds, arguments.seconds)
    target = pathlib.Path(arguments.output)
    part = target.with_suffix(".part")
    part.write_text(json.dumps({**result, "conditions": conditions(arguments, row)}, indent=1) + "\n")
    part.rename(target)


def line(result):
    others = ", ".join(
        f"{'**' if mode == result['best'] else ''}{value:.1f}{'**' if mode == result['best'] else ''} ({mode})"
        for mode, value in result["others_ms"].items()
    )
    memory = "" if result["memory"] is None else f"{result['memory']:.2f}"
    halved = "" if result["halved"] is None else f"{result['halved']:.2f}"
    return (
        f"| {result['name']} | **{result['ratio']:.2f}** | {result['least']:.2f} to {result['largest']:.2f} | "
        f"{halved} | {result['own_ms']:.1f} | {others} | {memory} | {result['gflops']:.0f} |"
    )


def chosen_rows(arguments):
    for row in bench_net_rows() if arguments.table == "network" else variant_rows():
        if arguments.only and not any(word.strip() in row["name"] for word in arguments.only.split(";")):
            continue
        for name in ("size", "batch", "threads"):
            if (value := getattr(arguments, name)) is not None:
                row["options"][name] = value
        yield {**row, "options": {**BENCH_NET, **row["options"]}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("segkit")
    parser.add_argument("table", choices=("network", "variants"))
    parser.add_argument("output")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", default="", help="rows whose names contain one of these, parted by semicolons")
    parser.add_argument("--keep", help="a folder for a file of each row, from which the next call goes on")
    parser.add_argument("--size", type=int, help="pixels, in place of each row's own")
    parser.add_argument("--batch", type=int, help="images of a batch, likewise")
    parser.add_argument("--threads", type=int, help="threads of both sides, likewise")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.row:
        return write_row(arguments)
    is_bench_net = arguments.table == "network"
    rows = list(chosen_rows(arguments))
    if not rows:
        sys.exit(f"no row of the table {arguments.table} contains {arguments.only}")
    versions = conditions(arguments, rows[0])["versions"]
    names = {"torch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
    engines = ", ".join(f"{names[module]} {version}" for module, version in versions.items())
    lines = [
        f"{engines}; {machine()}; {arguments.rounds} rounds of {arguments.seconds:g} s each.",
        "",
        f"| {'bench net, width/px' if is_bench_net else 'network'} | times as fast as the fastest other | least to largest "
        "| as the fastest in bfloat16 | segkit, ms | others, ms | memory, of PyTorch's | GFLOP/s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    failed = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for row in rows:
            result = measured(arguments, row, folder)
            if result is None:
                failed.append(row["name"])
                continue
            lines.append(line(result))
            print(lines[-1], flush=True)
    if is_bench_net and not arguments.only:
        slowdown = contention(arguments.segkit, arguments.rounds, arguments.seconds)
        lines += [
            "",
            "One other busy process on the machine slows a training step (16/128) of segkit down "
            f"{slowdown['segkit']:.2f} times, one of PyTorch {slowdown['PyTorch']:.2f} times.",
        ]
    if failed:
        sys.exit("could not be measured: " + "; ".join(failed))
    pathlib.Path(arguments.output).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
