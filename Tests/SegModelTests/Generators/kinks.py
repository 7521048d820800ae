"""Choices of weights that keep a network clear of its kinks: no ReLU's input near 0, no two near each other in a pool.

Near a kink, rounding decides on which side a value falls, and its whole gradient comes or goes: a network whose gradients
are to tell one way of rounding from another must have no such value. Each channel's offset moves zero into the middle of the
widest gap between the channel's values nearby; a channel whose pooling windows hold near ties has its kernel drawn again.
The network stays an ordinary one: half of its values are cut off, and each window picks among four.
"""
import torch
import torch.nn.functional as F

from models import mixed_tensor

WANTED = 4e-5
"""The margin that ends the search of a channel; a 32-bit float near 1 is rounded by 6e-8."""
REACH = 0.3
"""Offsets stay within this of 0, in standard deviations of a channel."""
DRAWS = 48


def normalized(values, kind):
    """`values` [image, channel, row, column] to mean 0 and variance 1."""
    over = (0, 2, 3) if kind == "batch" else (2, 3)
    centered = values - values.mean(dim=over, keepdim=True)
    return centered / (centered.square().mean(dim=over, keepdim=True) + 1e-5).sqrt()


def widest_gap(values):
    """The offset that puts 0 into the widest gap of `values`, as a 32-bit float, and its distance to them."""
    inner = values[values.abs() <= REACH].sort().values
    edges = torch.cat([torch.tensor([-REACH]), inner, torch.tensor([REACH])])
    gap = (edges[1:] - edges[:-1]).argmax()
    offset = -((edges[gap] + edges[gap + 1]) / 2).float().double()
    return offset, (values + offset).abs().min()


def nearest_tie(channel):
    """The least distance of a window's largest value to the next, of windows that are not cut off as a whole."""
    images, rows, columns = channel.shape
    windows = channel.reshape(images, rows // 2, 2, columns // 2, 2).permute(0, 1, 3, 2, 4).reshape(-1, 4)
    largest = windows.topk(2).values
    lead = largest[:, 0] - largest[:, 1].clamp(min=0)
    return lead[largest[:, 0] > 0].min()


def keep_clear(model, images):
    """Sets offsets and kernels of `model`; returns the kernels drawn again, by path as [channel, draw], and the margin."""
    redrawn, margins = {}, []
    stages = len(model.widths)
    pooled = {f"backbone.encoder.{level}.second" for level in range(stages - 1)}

    def choose(unit, x):
        path, gains = f"{unit}.convolution.weight", model.parameters[f"{unit}.normalisation.gain"]
        kernels, offsets = model.parameters[path], model.parameters[f"{unit}.normalisation.offset"]
        scale = (2 / (kernels.shape[1] * 9)) ** 0.5 * 1.7
        best = [(torch.tensor(0.0), 0, None, None)] * len(kernels)
        pending = list(range(len(kernels)))
        for draw in range(DRAWS):
            if not pending:
                break
            drawn = [
                kernels[channel] if draw == 0
                else (scale * mixed_tensor(f"{path} {channel} {draw}", kernels.shape[1:])).float().double()
                for channel in pending
            ]
            maps = normalized(F.conv2d(x, torch.stack(drawn), padding=1), model.normalization)
            for index, channel in enumerate(pending):
                values = maps[:, index] * gains[channel]
                offset, margin = widest_gap(values.reshape(-1))
                if unit in pooled:
                    margin = torch.minimum(margin, nearest_tie(values + offset) / 2)
                if margin > best[channel][0]:
                    best[channel] = (margin, draw, offset, drawn[index].clone())
            pending = [channel for channel in pending if best[channel][0] < WANTED]
        for channel, (margin, draw, offset, kernel) in enumerate(best):
            kernels[channel], offsets[channel] = kernel, offset
            if draw > 0:
                redrawn.setdefault(path, []).append([channel, draw])
            margins.append(margin.item())
        print(unit, f"margin {min(margins[-len(best):]):.1e}", "drawn again", len(redrawn.get(path, [])), flush=True)

    with torch.no_grad():
        model.before_unit = choose
        model(images, True)
        model.before_unit = None
        for buffer, value in model.buffers.items():
            value.fill_(1.0 if buffer.endswith("Variance") else 0.0)
    return redrawn, min(margins)
