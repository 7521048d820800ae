"""Prints the values that AdamWTests expects: torch.optim.AdamW over five steps, in float32.

Run by hand: python3 adamw.py
"""

import torch

values = [0.5, -1.25, 2.0, 0.01, -0.3]
gradients = [
    [0.1, -0.2, 0.3, 0.0, 1e-4],
    [-0.4, 0.25, 0.1, 1e-6, -3.0],
    [0.05, 0.6, -0.2, 0.0, 2.0],
    [1.5, -0.1, 0.0, -1e-5, 0.5],
    [0.2, 0.2, 0.2, 0.0, -0.25],
]
rates = [1e-2, 2e-2, 1e-2, 5e-3, 1e-3]


def run(decay, clip):
    parameter = torch.nn.Parameter(torch.tensor(values))
    optimizer = torch.optim.AdamW([parameter], lr=1.0, weight_decay=decay)
    norms = []
    for gradient, rate in zip(gradients, rates):
        parameter.grad = torch.tensor(gradient)
        norms.append(parameter.grad.norm().item())
        if clip:
            torch.nn.utils.clip_grad_norm_([parameter], clip)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
    print(f"decay {decay}, clip {clip}")
    print("  norms ", [round(norm, 7) for norm in norms])
    print("  values", [f"{value:.8f}" for value in parameter.tolist()])


run(0.1, None)
run(0.0, None)
run(0.1, 0.5)
