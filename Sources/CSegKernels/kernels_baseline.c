/// The kernels for SSE2 on x86-64, NEON on arm64: whatever the compiler may use without being asked.
#include "CSegKernels.h"
#include <math.h>
#include <string.h>

#define SEG_TABLE seg_kernels_baseline
#define SEG_ISA seg_isa_baseline
// Accumulators of a convolution tile: pixels x blocks of output channels, as many as the registers hold.
#define SEG_CONV_PIXELS 4
#define SEG_CONV_GROUP 1
#define SEG_GRADIENT_CHANNELS 2
// Kernel rows whose weight gradients are summed at a time.
#define SEG_PLANAR_ROWS 1
#define SEG_GEMM_ROWS 2
#include "kernels/all.inc"
