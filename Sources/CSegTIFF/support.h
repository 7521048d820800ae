#pragma once

#include "CSegTIFF.h"

#include <tiffio.h>

/* Per-handle error handlers and a limit on single allocations came with libtiff 4.5. */
#if TIFFLIB_VERSION >= 20221213 && !defined(SEG_TIFF_WITHOUT_OPEN_OPTIONS)
#define SEG_TIFF_HAS_OPEN_OPTIONS 1
#else
#define SEG_TIFF_HAS_OPEN_OPTIONS 0
#endif

/* What libtiff said during a call: the first error, which is the cause of those that follow it, and the first
   warning. Empty if there was none. */
typedef struct {
    char error[SEG_TIFF_MESSAGE_CAPACITY];
    char warning[SEG_TIFF_MESSAGE_CAPACITY];
} seg_tiff_log;

/* How libtiff reads and writes a file. */
typedef struct {
    TIFFReadWriteProc read;
    TIFFReadWriteProc write;
    TIFFSeekProc seek;
    TIFFSizeProc size;
} seg_tiff_access;

/* Writes a message: printable ASCII in one line, cut to SEG_TIFF_MESSAGE_CAPACITY. Returns `status`. */
seg_tiff_status seg_tiff_say(seg_tiff_status status, char *message, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Opens a file whose messages go to `log`. `maximum_allocation` bounds libtiff's single allocations, in bytes, where
   libtiff can do that; 0 means no bound. */
TIFF *seg_tiff_open_client(const char *mode, void *client, const seg_tiff_access *access, seg_tiff_log *log,
                           uint64_t maximum_allocation);

/* Around every use of an open file: until `seg_tiff_leave`, messages of this thread go to `log`, which is emptied. */
void seg_tiff_enter(seg_tiff_log *log);
void seg_tiff_leave(void);

/* Where a seek leads, or UINT64_MAX if to nowhere. */
uint64_t seg_tiff_position(uint64_t position, uint64_t count, toff_t offset, int whence);

/* Bits to samples, most significant first: `count` values of `bits` (1 to 16, no 8 or 16) from `packed` to every
   `stride`-th sample, a byte each up to 8 bits and two above. And back. */
void seg_tiff_unpack(const uint8_t *packed, void *samples, size_t count, size_t stride, uint32_t bits);
void seg_tiff_pack(const void *samples, uint8_t *packed, size_t count, uint32_t bits);

/* The bytes that a sample takes in memory. */
static inline size_t seg_tiff_sample_bytes(uint32_t bits) { return bits <= 8 ? 1 : bits <= 16 ? 2 : bits / 8; }

/* The bytes of `count` samples side by side, in a file. */
static inline uint64_t seg_tiff_packed_bytes(uint64_t count, uint32_t bits) { return (count * bits + 7) / 8; }
