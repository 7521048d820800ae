"""The rows of the tables that compare.py makes: a name, what is run, and in what it is compared with."""

import os

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
# What segkit is compared with; engines that are not installed are left out.
MODES = {"train-step": ["eager"], "inference": ["eager", "compiled", "onnxruntime", "openvino"]}
# With arithmetic in bfloat16 besides.
ALL_MODES = {
    "train-step": [*MODES["train-step"], "eager-bf16"],
    "inference": [*MODES["inference"], "compiled-bf16", "openvino-default"],
}


def bench_net_rows():
    for width, size in SIZES:
        for task in ("train-step", "inference"):
            options = {"task": task, "width": width, "size": size}
            yield {"name": f"{task}, {width}/{size}", "options": options, "modes": ALL_MODES[task]}
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
        "modes": ["planes", *ALL_MODES["inference"]],
    }


BACKBONES = (
    "unet", "attention-unet", "unet-plus-plus", "dense-unet", "unet3-plus", "residual-unet", "linknet", "fpn", "deeplabv3-plus",
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
            yield {"name": f"{task}, {name}", "options": {"task": task, "size": 256, **options}, "modes": MODES[task]}
