#include "reader.h"

#include <math.h>
#include <string.h>

/* The codecs that are read. The others are rare, and not all of them bound their memory. */
static const struct {
    uint32_t code;
    int is_read;
    const char *name;
} codecs[] = {
    {COMPRESSION_NONE, 1, "no compression"},
    {COMPRESSION_CCITTRLE, 1, "CCITT run lengths"},
    {COMPRESSION_CCITTFAX3, 1, "CCITT fax group 3"},
    {COMPRESSION_CCITTFAX4, 1, "CCITT fax group 4"},
    {COMPRESSION_LZW, 1, "LZW"},
    {COMPRESSION_JPEG, 1, "JPEG"},
    {COMPRESSION_ADOBE_DEFLATE, 1, "deflate"},
    {COMPRESSION_DEFLATE, 1, "deflate"},
    {COMPRESSION_PACKBITS, 1, "PackBits"},
    {50000, 1, "zstd"},
    {COMPRESSION_OJPEG, 0, "old-style JPEG"},
    {COMPRESSION_LZMA, 0, "LZMA"},
    {34887, 0, "LERC"},
    {50001, 0, "WebP"},
    {COMPRESSION_JP2000, 0, "JPEG 2000"},
    {33003, 0, "JPEG 2000"},
    {33005, 0, "JPEG 2000"},
    {50002, 0, "JPEG XL"},
    {COMPRESSION_JBIG, 0, "JBIG"},
};

static seg_tiff_status check_codec(uint32_t code, char *message) {
    for (size_t index = 0; index < sizeof(codecs) / sizeof(codecs[0]); index++) {
        if (codecs[index].code != code) continue;
        if (codecs[index].is_read && TIFFIsCODECConfigured((uint16_t)code)) return SEG_TIFF_OK;
        return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message,
                            codecs[index].is_read ? "it is compressed with %s, which this system's libtiff cannot read"
                                                  : "it is compressed with %s, which is not read",
                            codecs[index].name);
    }
    return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message, "it is compressed by the method %u, which is not read", code);
}

static const char *photometric_name(uint16_t photometric) {
    switch (photometric) {
        case PHOTOMETRIC_MASK: return "a transparency mask";
        case PHOTOMETRIC_SEPARATED: return "CMYK";
        case PHOTOMETRIC_YCBCR: return "YCbCr without JPEG";
        case PHOTOMETRIC_CIELAB:
        case PHOTOMETRIC_ICCLAB:
        case PHOTOMETRIC_ITULAB: return "L*a*b*";
        case PHOTOMETRIC_CFA: return "raw camera data";
        case PHOTOMETRIC_LOGL:
        case PHOTOMETRIC_LOGLUV: return "LogLuv";
        default: return NULL;
    }
}

/* The number of channels that are colors. */
static seg_tiff_status describe_colors(seg_tiff_reader *reader, seg_tiff_layout *layout, uint32_t *colors,
                                       char *message) {
    uint16_t photometric;
    if (!TIFFGetField(reader->tiff, TIFFTAG_PHOTOMETRIC, &photometric)) {
        return seg_tiff_say(SEG_TIFF_DAMAGED, message,
                            "it does not say what its colors mean (no PhotometricInterpretation)");
    }
    layout->is_inverted = photometric == PHOTOMETRIC_MINISWHITE;
    layout->is_palette = photometric == PHOTOMETRIC_PALETTE;
    *colors = photometric == PHOTOMETRIC_RGB || photometric == PHOTOMETRIC_YCBCR ? 3 : 1;
    if (photometric <= PHOTOMETRIC_PALETTE) return SEG_TIFF_OK;
    /* libtiff converts it where libjpeg decodes it. */
    if (photometric == PHOTOMETRIC_YCBCR && layout->compression == COMPRESSION_JPEG && layout->planes == 1 &&
        TIFFSetField(reader->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB)) {
        return SEG_TIFF_OK;
    }
    const char *name = photometric_name(photometric);
    if (name == NULL) {
        return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message, "its colors are of the kind %u, which is not read",
                            photometric);
    }
    return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message, "its colors are %s, which is not read", name);
}

static seg_tiff_status describe_channels(seg_tiff_reader *reader, seg_tiff_page *page, seg_tiff_layout *layout,
                                         char *message) {
    uint16_t samples = 1;
    uint16_t planar = PLANARCONFIG_CONTIG;
    uint16_t extra_count = 0;
    uint16_t *extra = NULL;
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_PLANARCONFIG, &planar);
    layout->planes = planar == PLANARCONFIG_SEPARATE ? samples : 1;
    layout->samples = planar == PLANARCONFIG_SEPARATE ? 1 : samples;
    uint32_t colors = 0;
    seg_tiff_status status = describe_colors(reader, layout, &colors, message);
    if (status != SEG_TIFF_OK) return status;
    page->channels = samples;
    if (samples < colors || samples > 4) {
        return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message, "it has %u samples a pixel", samples);
    }
    if (samples == colors) return SEG_TIFF_OK;
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra);
    uint16_t meaning = extra_count == 1 ? extra[0] : EXTRASAMPLE_UNSPECIFIED;
    /* Many programs do not say that a fourth sample is opacity. A second one may be anything. */
    if (samples == colors + 1 && !layout->is_palette && (colors == 3 || meaning != EXTRASAMPLE_UNSPECIFIED)) {
        page->alpha = meaning == EXTRASAMPLE_ASSOCALPHA ? SEG_TIFF_PREMULTIPLIED_ALPHA : SEG_TIFF_STRAIGHT_ALPHA;
        return SEG_TIFF_OK;
    }
    return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message, "it has %u samples a pixel, of which only %u %s a meaning",
                        samples, colors, colors == 1 ? "has" : "have");
}

static seg_tiff_status describe_samples(seg_tiff_reader *reader, seg_tiff_page *page, seg_tiff_layout *layout,
                                        char *message) {
    uint16_t bits = 1;
    uint16_t format = SAMPLEFORMAT_UINT;
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_SAMPLEFORMAT, &format);
    layout->stored_bits = bits;
    page->bits = bits;
    const char *kind;
    int is_read;
    switch (format) {
        case SAMPLEFORMAT_UINT:
        case SAMPLEFORMAT_VOID:
            kind = "unsigned integers";
            page->format = SEG_TIFF_UNSIGNED;
            is_read = (bits >= 1 && bits <= 16) || bits == 32;
            break;
        case SAMPLEFORMAT_INT:
            kind = "signed integers";
            page->format = SEG_TIFF_SIGNED;
            is_read = bits == 8 || bits == 16 || bits == 32;
            break;
        case SAMPLEFORMAT_IEEEFP:
            kind = "floating-point numbers";
            page->format = SEG_TIFF_FLOAT;
            is_read = bits == 16 || bits == 32 || bits == 64;
            layout->is_half = bits == 16;
            if (layout->is_half) page->bits = 32;
            break;
        default:
            kind = "complex numbers";
            is_read = 0;
    }
    if (!is_read) {
        return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message, "its samples are %s of %u bits, which are not read", kind,
                            bits);
    }
    if (page->format != SEG_TIFF_UNSIGNED && layout->is_inverted) {
        return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message, "its samples are %s with white as zero, which has no meaning",
                            kind);
    }
    if (layout->is_palette && (page->format != SEG_TIFF_UNSIGNED || bits > 16)) {
        return seg_tiff_say(SEG_TIFF_UNSUPPORTED, message, "its palette indices are %s of %u bits", kind, bits);
    }
    return SEG_TIFF_OK;
}

static void describe_resolution(seg_tiff_reader *reader, seg_tiff_page *page, const seg_tiff_layout *layout) {
    float x = 0;
    float y = 0;
    uint16_t unit = RESUNIT_INCH;
    TIFFGetField(reader->tiff, TIFFTAG_XRESOLUTION, &x);
    TIFFGetField(reader->tiff, TIFFTAG_YRESOLUTION, &y);
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
    int is_known = isfinite(x) && isfinite(y) && x > 0 && y > 0;
    int is_turned = layout->orientation >= ORIENTATION_LEFTTOP;
    page->x_resolution = is_known ? (is_turned ? y : x) : 0;
    page->y_resolution = is_known ? (is_turned ? x : y) : 0;
    page->unit = unit == RESUNIT_INCH         ? SEG_TIFF_INCH
                 : unit == RESUNIT_CENTIMETER ? SEG_TIFF_CENTIMETER
                                              : SEG_TIFF_NO_UNIT;
}

seg_tiff_status seg_tiff_describe(seg_tiff_reader *reader, seg_tiff_page *page, seg_tiff_layout *layout, char *message) {
    uint32_t width = 0;
    uint32_t height = 0;
    uint16_t compression = COMPRESSION_NONE;
    uint16_t orientation = ORIENTATION_TOPLEFT;
    char *description = NULL;
    memset(layout, 0, sizeof(*layout));
    TIFFGetField(reader->tiff, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(reader->tiff, TIFFTAG_IMAGELENGTH, &height);
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_COMPRESSION, &compression);
    TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_ORIENTATION, &orientation);
    layout->compression = compression;
    layout->orientation = orientation;
    if (width == 0 || height == 0) return seg_tiff_say(SEG_TIFF_DAMAGED, message, "its header promises no pixels");
    if ((uint64_t)width * height > reader->maximum_pixels) {
        return seg_tiff_say(SEG_TIFF_TOO_LARGE, message,
                            "its header promises %u x %u px, more than the limit of %llu px", width, height,
                            (unsigned long long)reader->maximum_pixels);
    }
    seg_tiff_status status = check_codec(compression, message);
    if (status == SEG_TIFF_OK) status = describe_channels(reader, page, layout, message);
    if (status == SEG_TIFF_OK) status = describe_samples(reader, page, layout, message);
    if (status != SEG_TIFF_OK) return status;
    uint64_t bytes = (uint64_t)width * height * page->channels * seg_tiff_sample_bytes(page->bits);
    if (bytes > 8 * reader->maximum_pixels) {
        return seg_tiff_say(SEG_TIFF_TOO_LARGE, message, "its header promises %llu bytes, more than the limit of %llu",
                            (unsigned long long)bytes, (unsigned long long)(8 * reader->maximum_pixels));
    }
    describe_resolution(reader, page, layout);
    if (TIFFGetField(reader->tiff, TIFFTAG_IMAGEDESCRIPTION, &description)) page->description = description;
    int is_turned = orientation >= ORIENTATION_LEFTTOP;
    page->width = is_turned ? height : width;
    page->height = is_turned ? width : height;
    return SEG_TIFF_OK;
}
