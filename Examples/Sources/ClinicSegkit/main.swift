import ClinicPlugins
import SegCommand

try await Segkit.main(registry: .withClinicPlugins())
