#include "CSegKernels.h"

extern const seg_kernels seg_kernels_baseline;
#if defined(__x86_64__)
extern const seg_kernels seg_kernels_avx2;
extern const seg_kernels seg_kernels_avx512;
#endif

seg_isa seg_isa_detect(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        return seg_isa_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return seg_isa_avx2;
#endif
    return seg_isa_baseline;
}

const seg_kernels *seg_kernels_for(seg_isa isa) {
    switch (isa) {
    case seg_isa_baseline: return &seg_kernels_baseline;
#if defined(__x86_64__)
    case seg_isa_avx2: return &seg_kernels_avx2;
    case seg_isa_avx512: return &seg_kernels_avx512;
#endif
    default: return NULL;
    }
}
