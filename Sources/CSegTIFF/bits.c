#include "support.h"

#include <string.h>

void seg_tiff_unpack(const uint8_t *packed, void *samples, size_t count, size_t stride, uint32_t bits) {
    uint8_t *narrow = samples;
    uint16_t *wide = samples;
    uint32_t mask = (1u << bits) - 1;
    uint32_t pending = 0;
    uint32_t available = 0;
    for (size_t index = 0; index < count; index++) {
        while (available < bits) {
            pending = pending << 8 | *packed++;
            available += 8;
        }
        available -= bits;
        uint32_t value = pending >> available & mask;
        if (bits <= 8) {
            narrow[index * stride] = (uint8_t)value;
        } else {
            wide[index * stride] = (uint16_t)value;
        }
    }
}

void seg_tiff_pack(const void *samples, uint8_t *packed, size_t count, uint32_t bits) {
    const uint8_t *narrow = samples;
    const uint16_t *wide = samples;
    uint32_t pending = 0;
    uint32_t available = 0;
    for (size_t index = 0; index < count; index++) {
        pending = pending << bits | (bits <= 8 ? narrow[index] : wide[index]);
        available += bits;
        while (available >= 8) {
            available -= 8;
            *packed++ = (uint8_t)(pending >> available);
        }
    }
    if (available > 0) *packed = (uint8_t)(pending << (8 - available));
}
