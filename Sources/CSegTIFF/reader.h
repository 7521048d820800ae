#pragma once

#include "support.h"

struct seg_tiff_reader {
    seg_tiff_log log;
    TIFF *tiff;
    const uint8_t *bytes;
    uint64_t count;
    uint64_t position;
    uint64_t maximum_pixels;
    int is_big;
    int is_big_endian;
    /* Where the directories of the pages found so far begin, and where the next directory of the chain does: 0 at its
       end. */
    uint64_t *pages;
    size_t page_count;
    size_t page_capacity;
    uint64_t next;
    uint64_t directories;
};

/* How the samples of the page at hand lie in the file. */
typedef struct {
    uint32_t stored_bits;
    uint32_t compression;
    /* Samples of a pixel that lie side by side, and the number of planes that hold them. */
    uint32_t samples;
    uint32_t planes;
    uint32_t orientation;
    int is_half;
    int is_inverted;
    int is_palette;
} seg_tiff_layout;

/* Finds out where pages are until `wanted` are known or the chain of directories ends. */
seg_tiff_status seg_tiff_find_pages(seg_tiff_reader *reader, size_t wanted, char *message);

/* Reads the directory at hand. */
seg_tiff_status seg_tiff_describe(seg_tiff_reader *reader, seg_tiff_page *page, seg_tiff_layout *layout, char *message);

/* Decodes the page of the directory at hand as it is stored: the samples of ceil(bits / 8) bytes, palette indices and
   white zeros as they are. */
seg_tiff_status seg_tiff_decode(seg_tiff_reader *reader, seg_tiff_page *page, const seg_tiff_layout *layout,
                                char *message);

/* Makes the samples what a page has: black zero, floats of 32 bits, upright. */
seg_tiff_status seg_tiff_normalize(seg_tiff_page *page, const seg_tiff_layout *layout, char *message);
