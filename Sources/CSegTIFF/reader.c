#include "reader.h"

#include <stdlib.h>
#include <string.h>

static tmsize_t read_bytes(thandle_t client, void *destination, tmsize_t length) {
    seg_tiff_reader *reader = client;
    if (length <= 0 || reader->position >= reader->count) return 0;
    uint64_t available = reader->count - reader->position;
    uint64_t taken = (uint64_t)length < available ? (uint64_t)length : available;
    memcpy(destination, reader->bytes + reader->position, taken);
    reader->position += taken;
    return (tmsize_t)taken;
}

static tmsize_t write_nothing(thandle_t client, void *source, tmsize_t length) {
    (void)client;
    (void)source;
    (void)length;
    return 0;
}

static toff_t seek(thandle_t client, toff_t offset, int whence) {
    seg_tiff_reader *reader = client;
    reader->position = seg_tiff_position(reader->position, reader->count, offset, whence);
    return reader->position;
}

static toff_t size(thandle_t client) { return ((seg_tiff_reader *)client)->count; }

/* Where the first directory is; libtiff has checked the header. */
static void read_file_header(seg_tiff_reader *reader) {
    reader->is_big_endian = reader->bytes[0] == 'M';
    reader->is_big = TIFFIsBigTIFF(reader->tiff);
    unsigned start = reader->is_big ? 8 : 4;
    unsigned width = reader->is_big ? 8 : 4;
    for (unsigned index = 0; index < width; index++) {
        unsigned shift = 8 * (reader->is_big_endian ? width - 1 - index : index);
        reader->next |= (uint64_t)reader->bytes[start + index] << shift;
    }
}

seg_tiff_status seg_tiff_open(const uint8_t *bytes, size_t count, uint64_t maximum_pixels, seg_tiff_reader **result,
                              char message[SEG_TIFF_MESSAGE_CAPACITY]) {
    static const seg_tiff_access access = {read_bytes, write_nothing, seek, size};
    *result = NULL;
    message[0] = 0;
    seg_tiff_reader *reader = calloc(1, sizeof(seg_tiff_reader));
    if (reader == NULL) return seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "not enough memory");
    reader->bytes = bytes;
    reader->count = count;
    reader->maximum_pixels = maximum_pixels < UINT64_MAX >> 8 ? maximum_pixels : UINT64_MAX >> 8;
    seg_tiff_enter(&reader->log);
    /* Only the header, and nothing mapped: libtiff gets copies of the bytes that it asks for. */
    if (count >= 8) {
        uint64_t allocation = 8 * reader->maximum_pixels + (1u << 20);
        reader->tiff = seg_tiff_open_client("rhm", reader, &access, &reader->log, allocation);
    }
    seg_tiff_leave();
    if (reader->tiff == NULL || (TIFFIsBigTIFF(reader->tiff) && count < 16)) {
        seg_tiff_say(SEG_TIFF_DAMAGED, message, "%s",
                     reader->log.error[0] != 0 ? reader->log.error : "its header is cut short (truncated)");
        seg_tiff_close(reader);
        return SEG_TIFF_DAMAGED;
    }
    read_file_header(reader);
    *result = reader;
    return SEG_TIFF_OK;
}

void seg_tiff_close(seg_tiff_reader *reader) {
    if (reader == NULL) return;
    if (reader->tiff != NULL) {
        seg_tiff_enter(&reader->log);
        TIFFClose(reader->tiff);
        seg_tiff_leave();
    }
    free(reader->pages);
    free(reader);
}

seg_tiff_status seg_tiff_count_pages(seg_tiff_reader *reader, size_t limit, size_t *count,
                                     char message[SEG_TIFF_MESSAGE_CAPACITY]) {
    message[0] = 0;
    *count = 0;
    seg_tiff_status status = seg_tiff_find_pages(reader, limit, message);
    if (status == SEG_TIFF_OK) *count = reader->page_count < limit ? reader->page_count : limit;
    return status;
}

/* Makes a page the one at hand, and describes it. */
static seg_tiff_status select_page(seg_tiff_reader *reader, size_t index, seg_tiff_page *page, seg_tiff_layout *layout,
                                   char *message) {
    memset(page, 0, sizeof(*page));
    message[0] = 0;
    if (index == SIZE_MAX) return seg_tiff_say(SEG_TIFF_NO_PAGE, message, "no file has so many pages");
    seg_tiff_status status = seg_tiff_find_pages(reader, index + 1, message);
    if (status != SEG_TIFF_OK) return status;
    if (index >= reader->page_count) {
        return seg_tiff_say(SEG_TIFF_NO_PAGE, message, "it has %zu page%s", reader->page_count,
                            reader->page_count == 1 ? "" : "s");
    }
    seg_tiff_enter(&reader->log);
    status = SEG_TIFF_DAMAGED;
    if (TIFFSetSubDirectory(reader->tiff, reader->pages[index])) {
        status = seg_tiff_describe(reader, page, layout, message);
    } else {
        seg_tiff_say(status, message, "%s",
                     reader->log.error[0] != 0 ? reader->log.error : "the directory of the page cannot be read");
    }
    seg_tiff_leave();
    return status;
}

seg_tiff_status seg_tiff_read_header(seg_tiff_reader *reader, size_t index, seg_tiff_page *page,
                                     char message[SEG_TIFF_MESSAGE_CAPACITY]) {
    seg_tiff_layout layout;
    return select_page(reader, index, page, &layout, message);
}

static seg_tiff_status copy_palette(seg_tiff_reader *reader, seg_tiff_page *page, char *message) {
    uint16_t *colors[3];
    if (!TIFFGetField(reader->tiff, TIFFTAG_COLORMAP, &colors[0], &colors[1], &colors[2])) {
        return seg_tiff_say(SEG_TIFF_DAMAGED, message, "its pixels are palette indices, but the palette is missing");
    }
    size_t count = (size_t)1 << page->bits;
    page->palette = malloc(3 * count * sizeof(uint16_t));
    if (page->palette == NULL) return seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "not enough memory");
    for (size_t color = 0; color < 3; color++) memcpy(page->palette + color * count, colors[color], 2 * count);
    return SEG_TIFF_OK;
}

seg_tiff_status seg_tiff_read_page(seg_tiff_reader *reader, size_t index, seg_tiff_page *page,
                                   char message[SEG_TIFF_MESSAGE_CAPACITY]) {
    seg_tiff_layout layout;
    seg_tiff_status status = select_page(reader, index, page, &layout, message);
    if (status != SEG_TIFF_OK) return status;
    seg_tiff_enter(&reader->log);
    status = seg_tiff_decode(reader, page, &layout, message);
    if (status == SEG_TIFF_OK && layout.is_palette) status = copy_palette(reader, page, message);
    seg_tiff_leave();
    if (status == SEG_TIFF_OK) status = seg_tiff_normalize(page, &layout, message);
    if (status != SEG_TIFF_OK) {
        free(page->samples);
        free(page->palette);
        page->samples = NULL;
        page->palette = NULL;
    }
    return status;
}
