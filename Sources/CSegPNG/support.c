#include "support.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void seg_png_say(char *message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, SEG_PNG_MESSAGE_CAPACITY, format, arguments);
    va_end(arguments);
}

void seg_png_on_error(png_structp png, png_const_charp text) {
    seg_png_failure *failure = png_get_error_ptr(png);
    seg_png_say(failure->message, "%s", text);
    longjmp(failure->jump, 1);
}

void seg_png_on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

void seg_png_release(void *memory) { free(memory); }
