#pragma once

#include <stddef.h>
#include <stdint.h>

/* TIFF through libtiff for Swift, which cannot call functions of variable arguments. Every failure is a return value
   and a message of one line; nothing is printed. Files are read from memory and written to memory. */

enum { SEG_TIFF_MESSAGE_CAPACITY = 256 };

typedef enum {
    SEG_TIFF_OK = 0,
    /* The file contradicts itself, or is cut short. */
    SEG_TIFF_DAMAGED,
    /* The file may be sound, but is of a kind that is not read. */
    SEG_TIFF_UNSUPPORTED,
    /* The header promises more than the limit. */
    SEG_TIFF_TOO_LARGE,
    SEG_TIFF_NO_MEMORY,
    /* There is no page of this index. */
    SEG_TIFF_NO_PAGE,
} seg_tiff_status;

typedef enum { SEG_TIFF_UNSIGNED, SEG_TIFF_SIGNED, SEG_TIFF_FLOAT } seg_tiff_format;

/* What the last sample of a pixel is. */
typedef enum { SEG_TIFF_NO_ALPHA, SEG_TIFF_STRAIGHT_ALPHA, SEG_TIFF_PREMULTIPLIED_ALPHA } seg_tiff_alpha;

typedef enum { SEG_TIFF_NO_UNIT = 1, SEG_TIFF_INCH = 2, SEG_TIFF_CENTIMETER = 3 } seg_tiff_unit;

typedef enum { SEG_TIFF_NONE, SEG_TIFF_LZW, SEG_TIFF_DEFLATE, SEG_TIFF_ZSTD } seg_tiff_compression;

/* One page. Samples are interleaved, row-major, upright, black is zero; each takes 1, 2, 4 or 8 bytes of the machine's
   order, the fewest that hold `bits`. */
typedef struct {
    uint32_t width;
    uint32_t height;
    /* 1 gray or an index into `palette`, 2 gray + alpha, 3 RGB, 4 RGB + alpha. */
    uint32_t channels;
    /* 1 to 16 or 32 for unsigned, 8, 16 or 32 for signed, 32 or 64 for floating point. */
    uint32_t bits;
    seg_tiff_format format;
    seg_tiff_alpha alpha;
    /* From a reader: whether white is zero in the file, whose samples were inverted. */
    int is_inverted;
    /* Pixels per unit along a row and along a column; 0 where the file does not say. */
    double x_resolution;
    double y_resolution;
    seg_tiff_unit unit;
    /* The page's description or NULL. From a reader it is valid until the reader's next call. */
    const char *description;
    /* 2^bits reds, as many greens, as many blues, or NULL. From a reader: give it back with seg_tiff_release. */
    uint16_t *palette;
    /* From a reader: give them back with seg_tiff_release. */
    void *samples;
} seg_tiff_page;

/* A finished file: give it back with seg_tiff_release. */
typedef struct {
    uint8_t *bytes;
    size_t count;
} seg_tiff_buffer;

typedef struct seg_tiff_reader seg_tiff_reader;
typedef struct seg_tiff_writer seg_tiff_writer;

/* Opens `count` bytes, which must outlive the reader. No page may have more than `maximum_pixels`, nor more than eight
   times as many bytes; headers that promise more are refused before memory is taken. */
seg_tiff_status seg_tiff_open(const uint8_t *bytes, size_t count, uint64_t maximum_pixels, seg_tiff_reader **reader,
                              char message[SEG_TIFF_MESSAGE_CAPACITY]);

/* Counts pages, up to `limit`. Copies of reduced resolution and transparency masks, which some programs put between the
   pages, are not pages. */
seg_tiff_status seg_tiff_count_pages(seg_tiff_reader *reader, size_t limit, size_t *count,
                                     char message[SEG_TIFF_MESSAGE_CAPACITY]);

/* Reads what a page is, from index 0, and leaves `palette` and `samples` NULL. */
seg_tiff_status seg_tiff_read_header(seg_tiff_reader *reader, size_t index, seg_tiff_page *page,
                                     char message[SEG_TIFF_MESSAGE_CAPACITY]);

/* Decodes a page, from index 0. */
seg_tiff_status seg_tiff_read_page(seg_tiff_reader *reader, size_t index, seg_tiff_page *page,
                                   char message[SEG_TIFF_MESSAGE_CAPACITY]);

/* Closes a reader; NULL is fine. */
void seg_tiff_close(seg_tiff_reader *reader);

/* Starts a file in memory, little-endian, in the BigTIFF format if `is_big`. */
seg_tiff_status seg_tiff_begin(int is_big, seg_tiff_writer **writer, char message[SEG_TIFF_MESSAGE_CAPACITY]);

/* Adds a page. */
seg_tiff_status seg_tiff_append(seg_tiff_writer *writer, const seg_tiff_page *page, seg_tiff_compression compression,
                                char message[SEG_TIFF_MESSAGE_CAPACITY]);

/* Ends the file and the writer. After a page that could not be added, abandon them instead. */
seg_tiff_status seg_tiff_end(seg_tiff_writer *writer, seg_tiff_buffer *buffer, char message[SEG_TIFF_MESSAGE_CAPACITY]);

/* Drops the file and the writer; NULL is fine. */
void seg_tiff_abandon(seg_tiff_writer *writer);

/* Frees what a call above handed out; NULL is fine. */
void seg_tiff_release(void *memory);
