/// The kernels for AVX2 with FMA: sixteen registers of 8 floats.
#if defined(__x86_64__)
#include "CSegKernels.h"
#include <math.h>
#include <string.h>

#define SEG_TABLE seg_kernels_avx2
#define SEG_ISA seg_isa_avx2
// Accumulators of a convolution tile: pixels x blocks of output channels, as many as the registers hold.
#define SEG_CONV_PIXELS 6
#define SEG_CONV_GROUP 1
#define SEG_GRADIENT_CHANNELS 4
// Kernel rows whose weight gradients are summed at a time.
#define SEG_PLANAR_ROWS 1
#define SEG_GEMM_ROWS 6
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "kernels/all.inc"
#pragma clang attribute pop
#endif
