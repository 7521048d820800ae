#include "reader.h"

#include <stdlib.h>

/* Walks the chain of directories without libtiff, whose walk takes quadratic time on long chains and reads every tag.
   Only two tags matter here: those that tell pages from their reduced copies. */

enum { SEG_TIFF_MOST_TAGS = 1024 };

static uint64_t number(const seg_tiff_reader *reader, uint64_t offset, unsigned width) {
    uint64_t value = 0;
    for (unsigned index = 0; index < width; index++) {
        unsigned shift = 8 * (reader->is_big_endian ? width - 1 - index : index);
        value |= (uint64_t)reader->bytes[offset + index] << shift;
    }
    return value;
}

static int holds(const seg_tiff_reader *reader, uint64_t offset, uint64_t length) {
    return offset <= reader->count && length <= reader->count - offset;
}

/* Whether the directory's entries say that it is a reduced copy or a transparency mask. */
static int is_auxiliary(const seg_tiff_reader *reader, uint64_t entries, uint64_t count) {
    enum { NEW_SUBFILE_TYPE = 254, OLD_SUBFILE_TYPE = 255, SHORT = 3, LONG = 4 };
    unsigned size = reader->is_big ? 20 : 12;
    for (uint64_t index = 0; index < count; index++) {
        uint64_t entry = entries + index * size;
        uint64_t tag = number(reader, entry, 2);
        uint64_t type = number(reader, entry + 2, 2);
        if (tag > OLD_SUBFILE_TYPE) return 0;
        if (tag < NEW_SUBFILE_TYPE || (type != SHORT && type != LONG)) continue;
        uint64_t value = number(reader, entry + (reader->is_big ? 12 : 8), type == SHORT ? 2 : 4);
        return tag == NEW_SUBFILE_TYPE ? (value & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0
                                       : value == OFILETYPE_REDUCEDIMAGE;
    }
    return 0;
}

static seg_tiff_status append(seg_tiff_reader *reader, uint64_t offset, char *message) {
    if (reader->page_count == reader->page_capacity) {
        size_t capacity = 2 * reader->page_capacity + 8;
        uint64_t *grown = realloc(reader->pages, capacity * sizeof(uint64_t));
        if (grown == NULL) return seg_tiff_say(SEG_TIFF_NO_MEMORY, message, "not enough memory");
        reader->pages = grown;
        reader->page_capacity = capacity;
    }
    reader->pages[reader->page_count++] = offset;
    return SEG_TIFF_OK;
}

seg_tiff_status seg_tiff_find_pages(seg_tiff_reader *reader, size_t wanted, char *message) {
    unsigned count_width = reader->is_big ? 8 : 2;
    unsigned offset_width = reader->is_big ? 8 : 4;
    unsigned entry_size = reader->is_big ? 20 : 12;
    /* Directories that do not overlap take at least this much, so more of them are a loop. */
    uint64_t most = reader->count / (count_width + entry_size + offset_width) + 1;
    while (reader->page_count < wanted && reader->next != 0) {
        uint64_t start = reader->next;
        if (!holds(reader, start, count_width)) {
            return seg_tiff_say(SEG_TIFF_DAMAGED, message,
                                "page %zu begins after the end of the file, at byte %llu of %llu (truncated)",
                                reader->page_count + 1, (unsigned long long)start, (unsigned long long)reader->count);
        }
        uint64_t entries = start + count_width;
        uint64_t count = number(reader, start, count_width);
        if (count > reader->count / entry_size || !holds(reader, entries, count * entry_size + offset_width)) {
            return seg_tiff_say(SEG_TIFF_DAMAGED, message, "the directory of page %zu is cut short (truncated)",
                                reader->page_count + 1);
        }
        /* libtiff takes quadratic time on tags that it does not know, and no program writes so many. */
        if (count > SEG_TIFF_MOST_TAGS) {
            return seg_tiff_say(SEG_TIFF_DAMAGED, message, "the directory of page %zu has %llu tags, more than the limit of %d",
                                reader->page_count + 1, (unsigned long long)count, SEG_TIFF_MOST_TAGS);
        }
        if (++reader->directories > most) {
            return seg_tiff_say(SEG_TIFF_DAMAGED, message, "its chain of pages runs in a circle");
        }
        if (!is_auxiliary(reader, entries, count)) {
            seg_tiff_status status = append(reader, start, message);
            if (status != SEG_TIFF_OK) return status;
        }
        reader->next = number(reader, entries + count * entry_size, offset_width);
    }
    return SEG_TIFF_OK;
}
