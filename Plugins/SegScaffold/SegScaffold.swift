import PackagePlugin

@main
struct SegScaffold: CommandPlugin {
    func performCommand(context: PluginContext, arguments: [String]) throws {}
}
