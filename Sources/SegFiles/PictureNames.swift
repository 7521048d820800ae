/// Which names are pictures', so that none of them is passed over in silence.
package enum PictureNames {
    /// Endings of the formats that are read.
    private static let readEndings = [".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp", ".dcm", ".dicom"]
    private static let endings =
        readEndings + [".gif", ".webp", ".jp2", ".nii", ".nii.gz", ".mha", ".mhd", ".nrrd", ".npy"]

    /// Whether a name ends as those of pictures do that are read. A DICOM may have any name.
    package static func isRead(_ name: String) -> Bool {
        let name = name.lowercased()
        return readEndings.contains { name.hasSuffix($0) }
    }

    /// Whether a name ends as those of pictures do, of a format that is read or not.
    package static func contain(_ name: String) -> Bool {
        let name = name.lowercased()
        return endings.contains { name.hasSuffix($0) }
    }

    /// Whether a name ends as those of pictures do of formats that are not read.
    package static func areForeign(_ name: String) -> Bool {
        let name = name.lowercased()
        return [".gif", ".webp", ".jp2", ".nii", ".nii.gz", ".mha", ".mhd", ".nrrd", ".npy"].contains(
            where: name.hasSuffix
        )
    }

    /// Whether a file is hidden on purpose: by a point before its name, unless it is a picture, which would be missed. What macOS
    /// keeps beside each file, `._1.png`, is not a picture.
    static func isHidden(_ name: String) -> Bool {
        name.hasPrefix(".") && (name.hasPrefix("._") || !contain(name))
    }
}
