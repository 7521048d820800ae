public import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegInterop
import SegTraining

extension ModelExport {
    /// The names of the files that ``writeTorch(to:)`` writes.
    public static let torchFiles = ["network.safetensors", "network.py"]

    /// Writes a state dictionary with PyTorch's names and layouts, and a module that loads it and predicts the same.
    ///
    /// - Throws: ``SegmentationError`` naming the plugin and its operator that PyTorch does not know, or what cannot be
    ///   written.
    public func writeTorch(to folder: URL) throws {
        let torch = try TorchNetwork(network)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw SegmentationError(folder.path, "the folder cannot be made", cure: "choose a folder that is writable")
        }
        let information = Dictionary(uniqueKeysWithValues: metadata.map { ($0.key, $0.value) })
        try Safetensors.write(
            torch.entries.map { ($0.name, $0.shape, $0.values) },
            metadata: information,
            to: folder.appending(path: Self.torchFiles[0])
        )
        try AtomicFile.write(Data(source(torch).utf8), to: folder.appending(path: Self.torchFiles[1]))
    }

    private func source(_ torch: TorchNetwork) -> String {
        func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "None" }
        func table(_ isParameter: Bool) -> String {
            torch.entries.filter { $0.isParameter == isParameter }
                .map { "    \"\($0.name)\": [\($0.shape.map(String.init).joined(separator: ", "))],\n" }.joined()
        }
        let scaling = trained.model.backbone.imageScaling == .standardized
        let outputs = torch.outputs.map { "\"\($0.name)\": \($0.expression)" }.joined(separator: ", ")
        return """
            \"\"\"A network that segkit \(segmentationKitVersion) trained, as PyTorch code. For research only: not a medical device.

            network = load()                       # a torch.nn.Module, in evaluation
            network(images)                        # logits of canvases as the network sees them, by name
            predict(network, pixels)               # what segkit predicts of an image of any size, 8 bits unless stated otherwise
            \"\"\"

            import json
            import math
            import os
            import struct

            import torch
            import torch.nn.functional as F

            SIZE = \(description.imageSize)  # Side of the square that the network sees, px.
            CHANNELS = \(channels)
            STANDARDIZED = \(scaling ? "True" : "False")  # Each image to mean 0 and deviation 1; else gray levels 0...1.
            THRESHOLD = \(description.segmentationThreshold)  # From which probability a pixel is lesion.
            MALIGNANCY_THRESHOLD = \(number(description.malignancyThreshold))
            MALIGNANCY_TEMPERATURE = \(number(description.malignancyTemperature))

            PARAMETERS = {
            \(table(true))}
            BUFFERS = {
            \(table(false))}


            class Network(torch.nn.Module):
                \"\"\"The network as one list of calls; its parts only hold parameters, under the names of the file.\"\"\"

                def __init__(self):
                    super().__init__()
                    for name, shape in PARAMETERS.items():
                        owner, last = self._owner(name)
                        owner.register_parameter(last, torch.nn.Parameter(torch.zeros(shape)))
                    for name, shape in BUFFERS.items():
                        owner, last = self._owner(name)
                        owner.register_buffer(last, torch.zeros(shape))

                def _owner(self, name):
                    *path, last = name.split(".")
                    owner = self
                    for part in path:
                        if part not in owner._modules:
                            owner.add_module(part, torch.nn.Module())
                        owner = owner._modules[part]
                    return owner, last

                def forward(self, image):
                    w = {**dict(self.named_parameters()), **dict(self.named_buffers())}
            \(torch.statements.map { "        \($0)\n" }.joined())        return {\(outputs)}

            \(Self.pipeline)
            """
    }

    /// What is the same for all networks: reading the file, the letterbox, and the thresholds.
    private static let pipeline = #"""

        def load(file=os.path.join(os.path.dirname(os.path.abspath(__file__)), "network.safetensors")):
            """The network with its weights, in evaluation."""
            with open(file, "rb") as stream:
                (length,) = struct.unpack("<Q", stream.read(8))
                header = json.loads(stream.read(length))
                data = bytearray(stream.read())
            state = {}
            for name, entry in header.items():
                if name != "__metadata__":
                    start, end = entry["data_offsets"]
                    values = torch.frombuffer(data[start:end], dtype=torch.float32)
                    state[name] = values.reshape(entry["shape"]).clone()
            network = Network()
            network.load_state_dict(state)
            return network.eval()


        def _taps(source, start, step, places, inside):
            support = max(1.0, step)
            centers = (start + (places + 0.5) * step)[:, None]
            first = torch.clamp(torch.floor(centers - support + 0.5), 0, source - 1)
            positions = first + torch.arange(2 * math.ceil(support) + 1, dtype=torch.float64)
            weights = torch.clamp(1 - torch.abs((positions + 0.5 - centers) / support), min=0) * (positions < source)
            weights = weights / torch.clamp(weights.sum(1, keepdim=True), min=1e-9) * inside[:, None]
            return torch.clamp(positions, max=source - 1).long(), weights.float()


        def _resampled(image, taps, axis):
            # One tap after the other: sums round as segkit's do.
            places, weights = taps
            result = 0
            for tap in range(places.shape[1]):
                part = weights[:, tap] if axis == -1 else weights[:, tap, None]
                result = result + part * image.index_select(axis, places[:, tap])
            return result


        class Letterbox:
            """How an image lies in the canvas: centered, its aspect kept."""

            def __init__(self, height, width):
                self.scale = SIZE / max(height, width)
                self.axes = []
                for length in (width, height):
                    content = min(SIZE, max(1, math.floor(length * self.scale + 0.5)))
                    start = (SIZE - content) // 2
                    self.axes.append((length, content, start, start + (content - length * self.scale) / 2))

            def coverage(self):
                plane = torch.zeros(SIZE, SIZE)
                (_, width, x, _), (_, height, y, _) = self.axes
                plane[y : y + height, x : x + width] = 1
                return plane

            def place(self, image):
                for axis, (length, content, start, offset) in zip((-1, -2), self.axes):
                    places = torch.arange(SIZE, dtype=torch.float64) - start
                    inside = ((places >= 0) & (places < content)).double()
                    step = content / self.scale / content
                    image = _resampled(image, _taps(length, (start - offset) / self.scale, step, places, inside), axis)
                return image

            def restore(self, plane):
                (_, width, x, _), (_, height, y, _) = self.axes
                plane = plane[..., y : y + height, x : x + width]
                for axis, (length, content, start, offset) in zip((-1, -2), self.axes):
                    places = torch.arange(length, dtype=torch.float64)
                    taps = _taps(content, offset - start, length * self.scale / length, places, torch.ones_like(places))
                    plane = _resampled(plane, taps, axis)
                return plane


        def prepare(pixels, white=255):
            """The canvas of an image as the network sees it, and its letterbox; `white` is None for floats 0...1."""
            pixels = pixels if torch.is_tensor(pixels) else torch.tensor(pixels)
            image = pixels.float() if white is None else pixels.float() / white
            box = Letterbox(*image.shape[-2:])
            coverage = box.coverage()
            canvas = box.place(image)
            if white is not None:
                levels = torch.clamp(canvas, 0, 1) * white
                lower = torch.floor(levels)
                canvas = (lower + (levels - lower >= 0.5)) / white
            if STANDARDIZED:
                wide = canvas.double()
                count = coverage.double().sum()
                mean = (wide * coverage).sum((-2, -1), keepdim=True) / count
                deviation = (((wide - mean) ** 2 * coverage).sum((-2, -1), keepdim=True) / count).sqrt()
                factor = torch.where(deviation > 1e-6, 1 / deviation, torch.zeros_like(deviation)).float()
                canvas = (canvas - mean.float()) * factor
            return (canvas * coverage).reshape(1, CHANNELS, SIZE, SIZE), box


        @torch.no_grad()
        def predict(network, pixels, white=255):
            """Probability and mask in the image's size, and malignancy, of `[height, width]` or `[3, height, width]`."""
            image, box = prepare(pixels, white)
            outputs = network(image)
            canvas = torch.sigmoid(outputs["lesion_logits"])[0, 0]
            probability = box.restore(canvas)
            result = {"probability": probability, "mask": (probability >= THRESHOLD).to(torch.uint8)}
            result["canvas_probability"] = canvas
            if "malignancy_logit" in outputs:
                logit = outputs["malignancy_logit"][0]
                result["malignancy"] = torch.sigmoid(logit).item()
                if MALIGNANCY_TEMPERATURE is not None:
                    result["malignancy_calibrated"] = torch.sigmoid(logit / MALIGNANCY_TEMPERATURE).item()
                if MALIGNANCY_THRESHOLD is not None:
                    result["is_malignant"] = result["malignancy"] >= MALIGNANCY_THRESHOLD
            if "label_probabilities" in outputs:
                result["label_probabilities"] = box.restore(outputs["label_probabilities"][0])
            return result

        """#
}
