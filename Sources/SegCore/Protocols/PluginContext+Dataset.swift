package import SegTensor

extension PluginContext {
    /// Runs `body`, which calls a data set's adapter, in the adapter's name: data set `BrEaST`.
    package static func with<Result>(_ adapter: any DatasetAdapter, _ body: () throws -> Result) rethrows -> Result {
        try with("data set `\(adapter.name)`", body)
    }
}
