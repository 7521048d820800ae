"""Writes Fixtures/sgd.json, schedules.json and balancing.json: what PyTorch's optimizer and schedules do, and what the
papers' formulas for balancing tasks give, computed with autograd and SciPy.

Run by hand: python3 training.py
"""

import itertools
import json
import os

import numpy
import scipy.optimize
import torch

folder = os.path.join(os.path.dirname(__file__), "..", "Fixtures")


def write(name, cases):
    with open(os.path.join(folder, name + ".json"), "w") as file:
        json.dump(cases, file, indent=1)


# SGD, float32.
values = [0.5, -1.25, 2.0, 0.01, -0.3]
gradients = [
    [0.1, -0.2, 0.3, 0.0, 1e-4],
    [-0.4, 0.25, 0.1, 1e-6, -3.0],
    [0.05, 0.6, -0.2, 0.0, 2.0],
    [1.5, -0.1, 0.0, -1e-5, 0.5],
    [0.2, 0.2, 0.2, 0.0, -0.25],
]
rates = [1e-2, 2e-2, 1e-2, 5e-3, 1e-3]


def sgd(momentum, nesterov, decay):
    parameter = torch.nn.Parameter(torch.tensor(values))
    optimizer = torch.optim.SGD([parameter], lr=1.0, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    for gradient, rate in zip(gradients, rates):
        parameter.grad = torch.tensor(gradient)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
    return {
        "momentum": momentum, "nesterov": nesterov, "decay": decay, "values": values, "gradients": gradients,
        "rates": rates, "expected": parameter.tolist(),
    }


write("sgd", [sgd(m, n, d) for m, n in [(0.9, True), (0.9, False), (0.5, True), (0.0, False)] for d in [0.0, 0.1]])


# Schedules.
def rates_of(make, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule = make(optimizer)
    rates = []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step + 1 < steps:
            schedule.step()
    return rates


lr = torch.optim.lr_scheduler
schedules = [
    {"name": "polynomial", "settings": {"power": power}, "rates": rates_of(
        lambda o: lr.PolynomialLR(o, total_iters=20, power=power), 20)} for power in [0.9, 1.0, 2.0]
] + [
    {"name": "one-cycle", "settings": {"rise": rise, "startDivisor": start, "endDivisor": end}, "rates": rates_of(
        lambda o: lr.OneCycleLR(o, max_lr=0.1, total_steps=20, pct_start=rise, div_factor=start, final_div_factor=end,
                                cycle_momentum=False), 20)}
    for rise, start, end in [(0.3, 25.0, 1e4), (0.25, 10.0, 100.0)]
] + [
    {"name": "cosine", "settings": {}, "rates": rates_of(lambda o: lr.CosineAnnealingLR(o, T_max=20), 20)},
    {"name": "constant", "settings": {}, "rates": rates_of(lambda o: lr.ConstantLR(o, factor=1.0), 20)},
]
write("schedules", schedules)

# Balancing: gradients of tasks on ten shared parameters, float64.
generator = torch.Generator().manual_seed(7)


def gradients_of(count, conflict):
    base = torch.randn(10, generator=generator, dtype=torch.float64)
    rows = [torch.randn(10, generator=generator, dtype=torch.float64) for _ in range(count)]
    return torch.stack([row * (1 + i) + (base if i % 2 == 0 else -base) * conflict for i, row in enumerate(rows)])


def pcgrad(g):
    """For each task, what is left of its gradient for each order of the others."""
    result = []
    for i in range(len(g)):
        orders = []
        for order in itertools.permutations([j for j in range(len(g)) if j != i]):
            projected = g[i].clone()
            for j in order:
                product = projected @ g[j]
                if product < 0:
                    projected = projected - product / (g[j] @ g[j]) * g[j]
            orders.append(projected.tolist())
        result.append(orders)
    return result


def cagrad(g, c):
    a = (g @ g.T).numpy()
    count = len(g)
    mean = numpy.ones(count) / count
    reach = c * numpy.sqrt(mean @ a @ mean)
    best = None
    for start in [mean] + list(numpy.eye(count) * 0.9 + 0.1 / count):
        found = scipy.optimize.minimize(
            lambda w: w @ a @ mean + reach * numpy.sqrt(w @ a @ w + 1e-30), start, bounds=[(0, 1)] * count,
            constraints={"type": "eq", "fun": lambda w: 1 - w.sum()}, method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 1000})
        if best is None or found.fun < best.fun:
            best = found
    direction = torch.tensor(best.x) @ g
    return (count * (g.mean(0) + reach / direction.norm() * direction)).tolist()


def uncertainty(losses, rate):
    s = torch.zeros(len(losses[0]), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([s], lr=rate)
    factors = []
    for step in losses:
        factors.append(torch.exp(-s).tolist())
        optimizer.zero_grad()
        (torch.exp(-s) * torch.tensor(step, dtype=torch.float64) + s / 2).sum().backward()
        optimizer.step()
    return factors


def gradnorm(losses, gs, alpha, rate):
    count = len(losses[0])
    w = torch.ones(count, dtype=torch.float64, requires_grad=True)
    first = torch.tensor(losses[0], dtype=torch.float64)
    factors = []
    for step, g in zip(losses, gs):
        factors.append(w.tolist())
        theta = torch.zeros(g.shape[1], dtype=torch.float64, requires_grad=True)
        norms = torch.stack([
            torch.autograd.grad(w[i] * (g[i] @ theta), theta, create_graph=True)[0].norm() for i in range(count)])
        ratio = torch.tensor(step, dtype=torch.float64) / first
        target = (norms.mean() * (ratio / ratio.mean()) ** alpha).detach()
        slope = torch.autograd.grad((norms - target).abs().sum(), w)[0]
        with torch.no_grad():
            w -= rate * slope
            w.clamp_(min=0.001)
            w *= count / w.sum()
    return factors


cases = []
for count, conflict in [(2, 2.0), (2, 0.0), (3, 1.5), (3, 0.3), (4, 1.0)]:
    gs = [gradients_of(count, conflict) for _ in range(6)]
    losses = [[float(1.5 / (1 + 0.3 * t * (i + 1)) + 0.1 * i) for i in range(count)] for t in range(6)]
    cases.append({
        "gradients": [g.tolist() for g in gs], "losses": losses,
        "pcgrad": pcgrad(gs[0]), "c": [0.2, 0.4, 0.8], "cagrad": [cagrad(gs[0], c) for c in [0.2, 0.4, 0.8]],
        "rate": 0.05, "uncertainty": uncertainty(losses, 0.05),
        "alpha": 1.5, "gradnorm": gradnorm(losses, gs, 1.5, 0.05),
    })
write("balancing", cases)
