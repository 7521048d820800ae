import SegCore
public import SegSettings

extension PluginKind where Make == any ReportSection {
    /// A section of the report.
    public static var section: PluginKind { PluginKind("report section") }
}

extension PluginRegistry {
    /// Adds a section to the reports of studies, after those on results and before methods; several are in the order of
    /// their names.
    ///
    /// - Throws: ``SegCore/SegmentationError`` if another section has the name, including those of the library.
    public mutating func add<Section: ReportSection>(section: Section) throws {
        if ReportSections.standard.contains(where: { $0.id == section.id }) || section.id == "main" {
            throw SegmentationError(
                section.id,
                "a report section of this name is part of every report",
                cure: "give the section another `id`"
            )
        }
        try add(.section, named: section.id, summary: section.title, settings: NoSettings.self, make: section)
    }

    /// The sections that were added, by name.
    public var sections: [any ReportSection] {
        get throws {
            try names(of: .section).map { try find(.section, $0, subject: "report section").make }
        }
    }
}
