/* libFuzzer harness of CSegTIFF: what decodes must survive the way to a file and back. Run it with Scripts/fuzz. */
#include "CSegTIFF.h"

#include <stdlib.h>
#include <string.h>

enum { MAXIMUM_PIXELS = 1 << 16, MAXIMUM_PAGES = 4 };

static void require(int condition) {
    if (!condition) abort();
}

static size_t sample_count(const seg_tiff_page *page) { return (size_t)page->width * page->height * page->channels; }

static size_t sample_bytes(const seg_tiff_page *page) {
    return sample_count(page) * (page->bits <= 8 ? 1 : page->bits <= 16 ? 2 : page->bits / 8);
}

/* Whether every sample is within the depth. */
static int is_within(const seg_tiff_page *page) {
    const uint8_t *bytes = page->samples;
    const uint16_t *words = page->samples;
    if (page->bits > 16 || page->format != SEG_TIFF_UNSIGNED) return 1;
    for (size_t index = 0; index < sample_count(page); index++) {
        if ((page->bits <= 8 ? bytes[index] : words[index]) >> page->bits != 0) return 0;
    }
    return 1;
}

static void write_and_read(seg_tiff_page *page, seg_tiff_compression compression, int is_big) {
    char message[SEG_TIFF_MESSAGE_CAPACITY];
    seg_tiff_writer *writer;
    seg_tiff_reader *reader;
    seg_tiff_buffer buffer;
    seg_tiff_page again;
    /* The description belongs to the reader, and ends with its next call. */
    page->description = NULL;
    require(seg_tiff_begin(is_big, &writer, message) == SEG_TIFF_OK);
    require(seg_tiff_append(writer, page, compression, message) == SEG_TIFF_OK);
    require(seg_tiff_end(writer, &buffer, message) == SEG_TIFF_OK);
    require(seg_tiff_open(buffer.bytes, buffer.count, MAXIMUM_PIXELS, &reader, message) == SEG_TIFF_OK);
    require(seg_tiff_read_page(reader, 0, &again, message) == SEG_TIFF_OK);
    require(again.width == page->width && again.height == page->height && again.channels == page->channels);
    require(again.bits == page->bits && again.format == page->format && again.alpha == page->alpha);
    require((again.palette == NULL) == (page->palette == NULL));
    require(memcmp(again.samples, page->samples, sample_bytes(page)) == 0);
    seg_tiff_release(again.samples);
    seg_tiff_release(again.palette);
    seg_tiff_close(reader);
    seg_tiff_release(buffer.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char message[SEG_TIFF_MESSAGE_CAPACITY];
    seg_tiff_reader *reader;
    if (seg_tiff_open(data, size, MAXIMUM_PIXELS, &reader, message) != SEG_TIFF_OK) {
        require(message[0] != 0 && reader == NULL);
        return 0;
    }
    size_t pages = 0;
    (void)seg_tiff_count_pages(reader, SIZE_MAX, &pages, message);
    for (size_t index = 0; index < MAXIMUM_PAGES; index++) {
        seg_tiff_page page;
        seg_tiff_status status = seg_tiff_read_page(reader, index, &page, message);
        if (status != SEG_TIFF_OK) {
            require(message[0] != 0 && page.samples == NULL && page.palette == NULL);
            if (status == SEG_TIFF_NO_PAGE) break;
            continue;
        }
        require((uint64_t)page.width * page.height <= MAXIMUM_PIXELS && page.channels >= 1 && page.channels <= 4);
        require(is_within(&page));
        if (page.description != NULL) require(strlen(page.description) < size);
        write_and_read(&page, (seg_tiff_compression)(size % 4), size / 4 % 2);
        seg_tiff_release(page.samples);
        seg_tiff_release(page.palette);
    }
    seg_tiff_close(reader);
    return 0;
}
