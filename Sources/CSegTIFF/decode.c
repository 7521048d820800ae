#include "reader.h"

#include <stdlib.h>
#include <string.h>

/* The grid of strips or tiles that holds one plane, and where their samples go. Sizes in px as stored, before the page
   is turned upright. */
typedef struct {
    const seg_tiff_layout *layout;
    uint32_t width;
    uint32_t height;
    uint32_t channels;
    int is_tiled;
    uint32_t block_width;
    uint32_t block_height;
    uint64_t block_row_bytes;
    uint32_t across;
    uint32_t down;
    size_t sample_bytes;
    uint8_t *samples;
} grid;

static seg_tiff_status measure(seg_tiff_reader *reader, grid *grid, char *message) {
    TIFF *tiff = reader->tiff;
    grid->is_tiled = TIFFIsTiled(tiff);
    uint64_t reported_row_bytes;
    uint32_t reported_count;
    if (grid->is_tiled) {
        TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &grid->block_width);
        TIFFGetField(tiff, TIFFTAG_TILELENGTH, &grid->block_height);
        reported_row_bytes = TIFFTileRowSize64(tiff);
        reported_count = TIFFNumberOfTiles(tiff);
    } else {
        uint32_t rows = 0;
        TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
        grid->block_width = grid->width;
        grid->block_height = rows < grid->height ? rows : grid->height;
        reported_row_bytes = TIFFScanlineSize64(tiff);
        reported_count = TIFFNumberOfStrips(tiff);
    }
    if (grid->block_width == 0 || grid->block_height == 0) {
        return seg_tiff_say(SEG_TIFF_DAMAGED, message, "its strips or tiles have no size");
    }
    uint64_t row_samples = (uint64_t)grid->block_width * grid->layout->samples;
    grid->block_row_bytes = seg_tiff_packed_bytes(row_samples, grid->layout->stored_bits);
    if (grid->block_row_bytes > 8 * reader->maximum_pixels / grid->block_height) {
        return seg_tiff_say(SEG_TIFF_TOO_LARGE, message, "its tiles of %u x %u px are larger than the limit",
                            grid->block_width, grid->block_height);
    }
    grid->across = (grid->width - 1) / grid->block_width + 1;
    grid->down = (grid->height - 1) / grid->block_height + 1;
    uint64_t count = (uint64_t)grid->across * grid->down * grid->layout->planes;
    if (reported_row_bytes != grid->block_row_bytes || reported_count != count) {
        return seg_tiff_say(SEG_TIFF_DAMAGED, message, "the sizes of its strips or tiles contradict its header");
    }
    return SEG_TIFF_OK;
}

static seg_tiff_status read_block(seg_tiff_reader *reader, const grid *grid, uint32_t block, uint32_t rows,
                                  uint8_t *destination, char *message) {
    tmsize_t wanted = (tmsize_t)(grid->block_row_bytes * (grid->is_tiled ? grid->block_height : rows));
    tmsize_t got = grid->is_tiled ? TIFFReadEncodedTile(reader->tiff, block, destination, wanted)
                                  : TIFFReadEncodedStrip(reader->tiff, block, destination, wanted);
    /* The decoders of JPEG and fax go on after damage, with gray or white instead of the picture, and only say so. */
    int is_lenient = grid->layout->compression == COMPRESSION_JPEG || grid->layout->compression <= COMPRESSION_CCITTFAX4;
    const char *reason = reader->log.error[0] != 0               ? reader->log.error
                         : got != wanted                         ? "it is cut short (truncated)"
                         : is_lenient && reader->log.warning[0] ? reader->log.warning
                                                                 : NULL;
    if (reason == NULL) return SEG_TIFF_OK;
    return seg_tiff_say(SEG_TIFF_DAMAGED, message, "%s %u cannot be decoded: %s", grid->is_tiled ? "tile" : "strip",
                        block, reason);
}

/* Puts `columns` pixels of a block's row to their place in the page, for one plane. */
static void place_row(const grid *grid, const uint8_t *row, uint64_t first, uint32_t columns, uint32_t plane) {
    size_t count = (size_t)columns * grid->layout->samples;
    size_t stride = grid->layout->planes;
    size_t size = grid->sample_bytes;
    uint8_t *destination = grid->samples + (first * grid->channels + plane) * size;
    if (grid->layout->stored_bits % 8 != 0) {
        seg_tiff_unpack(row, destination, count, stride, grid->layout->stored_bits);
    } else if (stride == 1) {
        memcpy(destination, row, count * size);
    } else {
        for (size_t index = 0; index < count; index++) {
            memcpy(destination + index * stride * size, row + index * size, size);
        }
    }
}

static seg_tiff_status read_blocks(seg_tiff_reader *reader, const grid *grid, uint8_t *scratch, char *message) {
    uint32_t block = 0;
    for (uint32_t plane = 0; plane < grid->layout->planes; plane++) {
        for (uint32_t down = 0; down < grid->down; down++) {
            uint32_t top = down * grid->block_height;
            uint32_t rows = grid->height - top < grid->block_height ? grid->height - top : grid->block_height;
            for (uint32_t across = 0; across < grid->across; across++, block++) {
                uint32_t left = across * grid->block_width;
                uint32_t columns = grid->width - left < grid->block_width ? grid->width - left : grid->block_width;
                uint64_t first = (uint64_t)top * grid->width + left;
                uint8_t *target = scratch != NULL ? scratch : grid->samples + first * grid->channels * grid->sample_bytes;
                seg_tiff_status status = read_block(reader, grid, block, rows, target, message);
                if (status != SEG_TIFF_OK) return status;
                if (scratch == NULL) continue;
                for (uint32_t row = 0; row < rows; row++, first += grid->width) {
                    place_row(grid, scratch + row * grid->block_row_bytes, first, columns, plane);
                }
            }
        }
    }
    return SEG_TIFF_OK;
}

seg_tiff_status seg_tiff_decode(seg_tiff_reader *reader, seg_tiff_page *page, const seg_tiff_layout *layout,
                                char *message) {
    int is_turned = layout->orientation >= ORIENTATION_LEFTTOP;
    grid grid = {.layout = layout};
    grid.width = is_turned ? page->height : page->width;
    grid.height = is_turned ? page->width : page->height;
    grid.channels = page->channels;
    grid.sample_bytes = seg_tiff_sample_bytes(layout->stored_bits);
    seg_tiff_status status = measure(reader, &grid, message);
    if (status != SEG_TIFF_OK) return status;
    /* Strips whose bytes are the page's are decoded in place. */
    int needs_scratch = grid.is_tiled || layout->planes > 1 || layout->stored_bits % 8 != 0;
    uint64_t pixels = (uint64_t)grid.width * grid.height;
    grid.samples = calloc(pixels, grid.channels * grid.sample_bytes);
    uint8_t *scratch = needs_scratch ? calloc(grid.block_height, grid.block_row_bytes) : NULL;
    if (grid.samples == NULL || (needs_scratch && scratch == NULL)) {
        status = seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "not enough memory for %u x %u px", grid.width, grid.height);
    } else {
        memset(&reader->log, 0, sizeof(reader->log));
        status = read_blocks(reader, &grid, scratch, message);
    }
    free(scratch);
    page->samples = grid.samples;
    return status;
}
