#include "support.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* File contents end up in libtiff's messages, so anything may be in there. */
static void write_line(char *message, const char *format, va_list arguments) {
    vsnprintf(message, SEG_TIFF_MESSAGE_CAPACITY, format, arguments);
    size_t length = strlen(message);
    for (size_t index = 0; index < length; index++) {
        if (message[index] < 0x20 || message[index] > 0x7e) message[index] = '?';
    }
    while (length > 0 && message[length - 1] == '.') message[--length] = 0;
}

seg_tiff_status seg_tiff_say(seg_tiff_status status, char *message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(message, format, arguments);
    va_end(arguments);
    return status;
}

void seg_tiff_release(void *memory) { free(memory); }

uint64_t seg_tiff_position(uint64_t position, uint64_t count, toff_t offset, int whence) {
    switch (whence) {
        case SEEK_SET: return offset;
        /* Offsets are unsigned in libtiff, and negative ones wrap. */
        case SEEK_CUR: return position + offset;
        case SEEK_END: return count + offset;
        default: return UINT64_MAX;
    }
}

static int close_nothing(thandle_t client) {
    (void)client;
    return 0;
}

#if SEG_TIFF_HAS_OPEN_OPTIONS

static int on_error(TIFF *tiff, void *user_data, const char *module, const char *format, va_list arguments) {
    (void)tiff;
    (void)module;
    seg_tiff_log *log = user_data;
    if (log->error[0] == 0) write_line(log->error, format, arguments);
    return 1;
}

static int on_warning(TIFF *tiff, void *user_data, const char *module, const char *format, va_list arguments) {
    (void)tiff;
    (void)module;
    seg_tiff_log *log = user_data;
    if (log->warning[0] == 0) write_line(log->warning, format, arguments);
    return 1;
}

TIFF *seg_tiff_open_client(const char *mode, void *client, const seg_tiff_access *access, seg_tiff_log *log,
                           uint64_t maximum_allocation) {
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL) return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, log);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, log);
    if (maximum_allocation > 0) {
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, maximum_allocation > PTRDIFF_MAX ? 0 : (tmsize_t)maximum_allocation);
    }
    TIFF *tiff = TIFFClientOpenExt("TIFF", mode, client, access->read, access->write, access->seek, close_nothing,
                                   access->size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

void seg_tiff_enter(seg_tiff_log *log) { memset(log, 0, sizeof(*log)); }

void seg_tiff_leave(void) {}

#else

#include <pthread.h>

/* Older versions know one handler for the whole process: ours passes messages on to the call that this thread is in,
   and those of other users of libtiff to the handlers that were there before. */
static _Thread_local seg_tiff_log *current;
static TIFFErrorHandler previous_error;
static TIFFErrorHandler previous_warning;

static void on_error(const char *module, const char *format, va_list arguments) {
    if (current == NULL) {
        if (previous_error != NULL) previous_error(module, format, arguments);
    } else if (current->error[0] == 0) {
        write_line(current->error, format, arguments);
    }
}

static void on_warning(const char *module, const char *format, va_list arguments) {
    if (current == NULL) {
        if (previous_warning != NULL) previous_warning(module, format, arguments);
    } else if (current->warning[0] == 0) {
        write_line(current->warning, format, arguments);
    }
}

static void install(void) {
    previous_error = TIFFSetErrorHandler(on_error);
    previous_warning = TIFFSetWarningHandler(on_warning);
}

TIFF *seg_tiff_open_client(const char *mode, void *client, const seg_tiff_access *access, seg_tiff_log *log,
                           uint64_t maximum_allocation) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)log;
    (void)maximum_allocation;
    pthread_once(&once, install);
    return TIFFClientOpen("TIFF", mode, client, access->read, access->write, access->seek, close_nothing, access->size,
                          NULL, NULL);
}

void seg_tiff_enter(seg_tiff_log *log) {
    memset(log, 0, sizeof(*log));
    current = log;
}

void seg_tiff_leave(void) { current = NULL; }

#endif
