import SegCommand

try await Segkit.main()
