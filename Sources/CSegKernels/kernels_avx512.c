/// The kernels for AVX-512 (F, BW, VL, DQ): thirty-two registers of 16 floats.
#if defined(__x86_64__)
#include "CSegKernels.h"
#include <math.h>
#include <string.h>

#define SEG_TABLE seg_kernels_avx512
#define SEG_ISA seg_isa_avx512
// Accumulators of a convolution tile: pixels x blocks of output channels, as many as the registers hold.
#define SEG_CONV_PIXELS 8
#define SEG_CONV_GROUP 2
#define SEG_GRADIENT_CHANNELS 8
// Kernel rows whose weight gradients are summed at a time.
#define SEG_PLANAR_ROWS 3
#define SEG_GEMM_ROWS 8
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)
#include "kernels/all.inc"
#pragma clang attribute pop
#endif
