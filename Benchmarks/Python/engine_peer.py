"""Inference of the networks of torch_peer.py in ONNX Runtime and OpenVINO.

python engine_peer.py '{"mode": "onnxruntime", …}' with the options of torch_peer.py, and in turn with it: `ready`, then a line
of JSON for each line of seconds. Modes `onnxruntime` and `openvino` compute in 32-bit floats, `openvino-default` in what
OpenVINO chooses by itself: bfloat16 where the processor has products of it. PyTorch writes the network as ONNX in a process
of its own, so that its memory does not count here.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy

from turns import serve


def export(options, path):
    """Writes the network with random weights, its normalizations' statistics moved off their start, and prints its parameters."""
    import torch

    from torch_peer import network

    torch.manual_seed(0)
    torch.set_num_threads(options["threads"])
    net = network(options)
    images = torch.randn(options["batch"], 1, options["size"], options["size"])
    net.train()
    with torch.no_grad():
        net(images)
    net.eval()
    torch.onnx.export(net, (images,), path, input_names=["images"], output_names=["mask", "malignancy"], dynamo=False)
    print(sum(parameter.numel() for parameter in net.parameters()))


def onnxruntime_step(path, options, images):
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options["threads"]
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"images": images})


def openvino_step(path, options, images):
    import openvino

    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": options["threads"]}
    if options["mode"] == "openvino":
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    request = openvino.Core().compile_model(path, "CPU", settings).create_infer_request()
    return lambda: request.infer({"images": images})


def main(options):
    if options["task"] != "inference":
        raise SystemExit(f"{options['mode']} infers only")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "network.onnx")
        exported = subprocess.run(
            [sys.executable, __file__, json.dumps(options), path], stdout=subprocess.PIPE, text=True, check=True
        )
        parameters = int(exported.stdout.split()[-1])
        shape = (options["batch"], 1, options["size"], options["size"])
        images = numpy.random.default_rng(0).standard_normal(shape, dtype=numpy.float32)
        make = onnxruntime_step if options["mode"] == "onnxruntime" else openvino_step
        step = make(path, options, images)
    serve(step, parameters)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        export(json.loads(sys.argv[1]), sys.argv[2])
    else:
        main(json.loads(sys.argv[1]))
