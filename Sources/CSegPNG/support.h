#pragma once

#include "CSegPNG.h"

#include <png.h>
#include <setjmp.h>

/* libpng's error context: where to jump to and where to leave the message. */
typedef struct {
    jmp_buf jump;
    char *message;
} seg_png_failure;

/* Writes a message, cut to SEG_PNG_MESSAGE_CAPACITY. */
void seg_png_say(char *message, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* libpng callbacks. The first never returns; the second drops the warning, as a library has no business on stderr. */
void seg_png_on_error(png_structp png, png_const_charp text) __attribute__((noreturn));
void seg_png_on_warning(png_structp png, png_const_charp text);

/* Whether uint16_t samples must be swapped to PNG's big-endian order. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SEG_PNG_SWAPS_16 1
#else
#define SEG_PNG_SWAPS_16 0
#endif
