/// Vector kernels of SegTensor, one table of functions per instruction set.
///
/// Nothing here allocates or starts threads: callers partition the work by shape and pass scratch memory.
///
/// Activations are blocked: `[image][channel / 16][row][column][16]` ("NCHWc16"), unused lanes of the last block
/// zero. A *block* is one `[row][column][16]` plane. A *strip* is a copy of some rows of a block with its zero halo,
/// made by `gather_rows`, which is where pending per-channel arithmetic (normalize + activate, or the backward of it)
/// is applied: it happens once per value, while the strip is on its way into the cache.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum { seg_isa_baseline = 0, seg_isa_avx2 = 1, seg_isa_avx512 = 2 } seg_isa;

/// How the values of one block are read.
typedef enum {
    /// x
    seg_read_raw = 0,
    /// scale * x + shift
    seg_read_affine = 1,
    /// max(0, scale * x + shift)
    seg_read_affine_relu = 2,
    /// min(6, max(0, scale * x + shift))
    seg_read_affine_relu6 = 3,
    /// k1 * g + k2 * x + k3: backward of a normalization
    seg_read_backward = 4,
    /// k1 * (scale * x + shift > 0 ? g : 0) + k2 * x + k3: backward of a normalization followed by a ReLU
    seg_read_backward_relu = 5,
    /// The same with g where scale * x + shift lies between 0 and 6.
    seg_read_backward_relu6 = 6,
    /// Added to one of the others: what is read is bfloat16, but for a gradient beside it.
    seg_read_bf16 = 8,
    /// Nothing is stored: values lie between those of the block's source. Only read_block, add_blocks, gather_rows,
    /// gather_every and block_to_planes take it.
    seg_read_resized = 16,
    /// x * sigmoid(x)
    seg_read_silu = 32,
    /// x * the normal distribution's cumulative probability of x
    seg_read_gelu = 33,
} seg_read_mode;

/// One axis of a resize: output i is first + (second - first) * weight, of the inputs of these numbers.
typedef struct {
    const int32_t *first, *second;
    const float *weight;
} seg_axis;

/// How a block is resized.
typedef struct {
    seg_axis rows, columns;
    /// Columns there are, and columns of the source.
    ptrdiff_t width, source_width;
} seg_resize;

/// One block of 16 channels and the arithmetic pending on it. Coefficients point at 16 values.
typedef struct seg_block {
    /// The stored values; bfloat16 if the mode says so.
    const float *x;
    const float *gradient;
    const float *scale, *shift;
    const float *k1, *k2, *k3;
    seg_read_mode mode;
    /// Of a resized block: what it is made of, which is not resized itself, how, and its first pixel.
    const struct seg_block *source;
    const seg_resize *resize;
    ptrdiff_t first_pixel;
} seg_block;

/// Classes that a fused loss takes at most.
#define SEG_CLASS_LIMIT 64

/// A convolution's window over a strip.
typedef struct {
    /// Distances in floats within the strip, from row to row and from block to block (from channel to channel if
    /// `planar`).
    ptrdiff_t row_stride, block_stride;
    /// Blocks of 16 input channels; if `planar`, single channels.
    int blocks;
    int kernel_height, kernel_width, stride_height, stride_width;
    /// The strip's rows and columns from a first one to before an end that hold the image. Outside of them, where zeros are meant,
    /// taps are left out: all of them above, below and of strips without borders, else those that meet nothing else in a tile.
    int first_row, end_row, first_column, end_column;
    /// Nothing lies around the image's columns in the strip, as where it is read in place. For strides of 1 and 2.
    int is_borderless;
    /// Distances in floats between output pixels and output rows; 16 and 16 * width if they lie side by side.
    ptrdiff_t y_pixel_stride, y_row_stride;
    /// The strip holds planes of single channels, not blocks of 16: for images of few channels.
    int planar;
    /// Pixels and rows between neighboring taps of the kernel: 1 unless it is dilated.
    int dilation;
    /// One value for each of the group's output channels, that sums begin with; NULL for zero.
    const float *bias;
} seg_window;

/// Operations on one array.
typedef enum {
    seg_unary_relu = 0, seg_unary_relu6, seg_unary_sigmoid, seg_unary_softplus, seg_unary_exp, seg_unary_log,
    seg_unary_sqrt, seg_unary_reciprocal, seg_unary_square, seg_unary_abs, seg_unary_negate, seg_unary_tanh,
    seg_unary_silu, seg_unary_gelu
} seg_unary;

/// Operations on two arrays.
typedef enum {
    seg_binary_add = 0, seg_binary_subtract, seg_binary_multiply, seg_binary_divide, seg_binary_maximum,
    seg_binary_minimum
} seg_binary;

/// Which operand of a binary operation is a single value.
typedef enum { seg_scalar_none = 0, seg_scalar_left, seg_scalar_right } seg_scalar_side;

typedef struct {
    seg_isa isa;

    /// Output channels' blocks that `conv_rows` and `conv_weight_gradient` take at once.
    int conv_group;

    /// Copies rows `[first_row, first_row + rows)` of a block of `height` x `width` pixels into `strip`, applying
    /// pending arithmetic, with `pad_left` and `pad_right` zero columns; rows outside the block become zero.
    /// `dilation` > 1 inserts `dilation - 1` zero rows and columns between values; `height` and `width` are then the
    /// block's own, `first_row` and `rows` those of the dilated plane.
    void (*gather_rows)(const seg_block *block, int height, int width, int first_row, int rows, int pad_left,
                        int pad_right, int dilation, float *strip, ptrdiff_t row_stride);

    /// Every `step`-th pixel of every `step`-th row of a block whose rows have `width` pixels, from its first on: rows
    /// `[first_row, first_row + rows)` of the `height` that there are, with zeros around as in `gather_rows`.
    void (*gather_every)(const seg_block *block, ptrdiff_t step, ptrdiff_t width, int height, int columns, int first_row,
                         int rows, int pad_left, int pad_right, float *strip, ptrdiff_t row_stride);
    /// `rows` x `columns` pixels side by side to as many of a block, likewise.
    void (*scatter_every)(const float *x, int rows, int columns, ptrdiff_t step, ptrdiff_t width, float *y);

    /// y[z] = the convolution of a strip, `rows` x `width` outputs for `group` (1 or 2) blocks of output
    /// channels. Weights are packed `[block][kernel row][channel][kernel column][group * 16]`.
    void (*conv_rows)(const seg_window *window, const float *strip, const float *weights, float *const *y, int group,
                      int rows, int width);

    /// dw[kernel row][kernel column][channel][group * 16] += x of one block's strip times dy, over `rows` x `width`
    /// pixels. `channels` is 16, or the number of planes if `planar`.
    void (*conv_weight_gradient)(const seg_window *window, const float *strip, int channels, const float *const *dy,
                                 int group, int rows, int width, float *dw);

    /// B' d B of `tiles` 6x6 tiles side by side, 4 pixels apart, of one block's strip: 36 planes, in each plane tile by
    /// tile. See winograd.inc for the method.
    void (*winograd_input)(const float *strip, ptrdiff_t row_stride, int tiles, float *v, ptrdiff_t plane_stride,
                           ptrdiff_t tile_stride);
    /// A y A' of `tiles` 4x4 tiles of a gradient, likewise.
    void (*winograd_gradient)(const float *strip, ptrdiff_t row_stride, int tiles, float *z, ptrdiff_t plane_stride,
                              ptrdiff_t tile_stride);
    /// A' m A of `tiles` tiles into rows of a block, plus a bias for each lane unless that is NULL; only the first `rows`
    /// (1 to 4) rows and `width` columns are written.
    void (*winograd_output)(const float *m, ptrdiff_t plane_stride, ptrdiff_t tile_stride, int tiles, const float *bias,
                            float *y, ptrdiff_t row_stride, int rows, int width);
    /// One plane: m[tile][group * 16] = v[tile][inputs] u[inputs][group * 16], or plus that if `accumulate`.
    void (*winograd_multiply)(int tiles, int inputs, const float *v, ptrdiff_t v_stride, const float *u, int group,
                              int accumulate, float *m, ptrdiff_t m_stride);
    /// One plane: du[inputs][outputs] = v[tile][inputs]' z[tile][outputs], or plus that if `accumulate`. Both are
    /// multiples of 16.
    void (*winograd_accumulate)(int tiles, int inputs, int outputs, const float *v, const float *z, int accumulate,
                                float *du);
    /// G g G' of a block of 3x3 kernels: up to 16 rows, `row_stride` apart, of up to 16 channels of nine taps. Plane p
    /// of channel c goes to `u + c * channel_stride + p * plane_stride`, the rows as its lanes; the rest of the 16 x 16
    /// are zero. If `adjoint`, rows and channels are exchanged and kernels turned by 180 degrees.
    void (*winograd_kernels)(const float *w, ptrdiff_t row_stride, int rows, int channels, int adjoint, float *u,
                             ptrdiff_t plane_stride, ptrdiff_t channel_stride);
    /// G' du G, the adjoint of the same, of the sum of `shares` gradients `share_stride` apart, added in order. If
    /// `turned`, du is of kernels turned by 180 degrees, which are turned back.
    void (*winograd_kernel_gradients)(const float *du, ptrdiff_t plane_stride, ptrdiff_t channel_stride, int shares,
                                      ptrdiff_t share_stride, int turned, float *w, ptrdiff_t row_stride, int rows,
                                      int channels);

    /// y[o][pixel] += w[o] . x[pixel] of one block; w is `[outputs][16]`.
    void (*thin_forward)(const seg_block *block, size_t pixels, const float *w, int outputs, float *y,
                         ptrdiff_t y_stride);
    /// dx[pixel] = sum over o of dy[o][pixel] w[o], one block.
    void (*thin_input_gradient)(const float *w, int outputs, const float *dy, ptrdiff_t dy_stride, size_t pixels,
                                float *dx);
    /// dw[0..<16] += sum over pixels of dy[pixel] x[pixel], one block and one output.
    void (*thin_weight_gradient)(const seg_block *block, size_t pixels, const float *dy, float *dw);

    /// The depthwise convolution of a strip of one block, `rows` x `width` outputs. Weights are `[tap][16]`; of the
    /// window, blocks, block stride and pixel stride are not looked at.
    void (*depthwise_rows)(const seg_window *window, const float *strip, const float *weights, float *y, int rows,
                           int width);
    /// dw[tap][16] += x times dy of one block, over `rows` x `width` pixels.
    void (*depthwise_weight_gradient)(const seg_window *window, const float *strip, const float *dy, int rows,
                                      int width, float *dw);

    /// sums[0..<16] += sum of x, sums[16..<32] += sum of x * x, per lane.
    void (*channel_sums)(const float *x, size_t pixels, float *sums);

    /// The same of the values as they are rounded to bfloat16, which go to `y`; no sums if `sums` is NULL.
    void (*round_rows)(const float *x, size_t pixels, uint16_t *y, float *sums);

    /// sums[0..<16] += sum of g', sums[16..<32] += sum of g' * x, where x are a block's stored values and g' = g, or g
    /// where scale * x + shift > 0 if the block's mode is an affine map with a ReLU.
    void (*backward_sums)(const float *g, const seg_block *block, size_t pixels, float *sums);

    /// Normalizes each pixel over `channels` planes `stride` floats apart: gain * (x - mean) / sqrt(variance + epsilon) +
    /// offset.
    void (*layer_norm)(const float *x, const float *gain, const float *offset, int channels, ptrdiff_t stride,
                       size_t pixels, float epsilon, float *y);
    /// dx of the same; sums, [2][channels][16], += the lanes' sums of dy x' and of dy, x' the normalized value.
    void (*layer_norm_backward)(const float *x, const float *gain, const float *dy, int channels, ptrdiff_t stride,
                                size_t pixels, float epsilon, float *dx, float *sums);

    /// The same of blocks `stride` floats apart; gain and offset fill whole blocks with zeros. Of the sums, [2][blocks][16], each lane is
    /// a channel.
    void (*layer_norm_blocks)(const float *x, const float *gain, const float *offset, int channels, ptrdiff_t stride,
                              size_t pixels, float epsilon, float *y);
    void (*layer_norm_blocks_backward)(const float *x, const float *gain, const float *dy, int channels, ptrdiff_t stride,
                                       size_t pixels, float epsilon, float *dx, float *sums);

    /// y[pixel] = a[pixel] * x[pixel] of a block.
    void (*scale_pixels)(const float *x, const float *a, size_t pixels, float *y);
    /// y[pixel] = sum over lanes of a[pixel] * b[pixel] of two blocks, or plus that if `accumulate`.
    void (*dot_pixels)(const float *a, const float *b, size_t pixels, int accumulate, float *y);

    /// y[pixel] |= q[pixel] moved up by `lanes` lanes, where y has zeros; the 16 floats before `q` are zero too, and so are q's
    /// last `lanes` lanes.
    void (*merge_lanes)(const float *q, int lanes, size_t pixels, float *y);
    /// `count` lanes of each pixel from lane `first` on, moved down to the first.
    void (*split_lanes)(const float *x, int first, int count, size_t pixels, float *y);
    /// y = the block's values, pending arithmetic applied.
    void (*read_block)(const seg_block *block, size_t pixels, float *y);
    /// y = the sum of two blocks, followed by a ReLU if asked; `own` may be what `y` holds.
    void (*add_blocks)(const seg_block *own, const seg_block *other, size_t pixels, int relu, float *y);

    /// Up to 16 planes of `pixels` values, `stride` apart, into a block; lanes from `channels` on become zero.
    void (*planes_to_block)(const float *planes, ptrdiff_t stride, int channels, size_t pixels, float *block);
    /// The first `channels` lanes of a block into planes, pending arithmetic applied.
    void (*block_to_planes)(const seg_block *block, int channels, size_t pixels, float *planes, ptrdiff_t stride);

    /// 2x2 maximum with stride 2 of a block; `width` and `height` are the output's, `input_width` the input's.
    void (*max_pool)(const seg_block *block, int input_width, int height, int width, float *y);
    /// dx of the same: each gradient goes to the first maximum of its window, zero elsewhere; plus `others`, which may
    /// be `dx` itself, unless that is NULL.
    void (*max_pool_backward)(const seg_block *block, int input_height, int input_width, int height, int width,
                              const float *dy, const float *others, float *dx);

    /// y[i] = op(x[i])
    void (*unary)(seg_unary op, const float *x, float *y, size_t count);
    /// dx[i] = dy[i] * op'(x[i]), y[i] = op(x[i]) given
    void (*unary_backward)(seg_unary op, const float *x, const float *y, const float *dy, float *dx, size_t count);
    /// y[i] = x[i], or slope * x[i] below 0; and dx[i] = dy[i], or slope * dy[i] where x[i] is not above 0.
    void (*leaky_relu)(float slope, const float *x, float *y, size_t count);
    void (*leaky_relu_backward)(float slope, const float *x, const float *dy, float *dx, size_t count);
    /// y[i] = scale * x[i] if hash(seed, place) is at least `threshold`, else 0; `place` of vector i's lane j is
    /// `first + i * step + j * lane_step`. Whoever asks again gets the same places.
    void (*dropout)(uint64_t seed, uint32_t threshold, float scale, const float *x, uint64_t first, uint32_t step,
                    uint32_t lane_step, float *y, size_t count);

    /// Softmax of each pixel over `channels` planes that lie `stride` floats apart, or its logarithm.
    void (*softmax)(int is_log, const float *x, int channels, ptrdiff_t stride, size_t pixels, float *y);
    /// dx of the same, y given: y (dy - sum y dy), or dy - exp(y) sum dy.
    void (*softmax_backward)(int is_log, const float *y, const float *dy, int channels, ptrdiff_t stride, size_t pixels,
                             float *dx);
    /// The same of `rows` rows of `channels` values each.
    void (*softmax_rows)(int is_log, const float *x, size_t rows, int channels, float *y);
    void (*softmax_rows_backward)(int is_log, const float *y, const float *dy, size_t rows, int channels, float *dx);
    /// The first channel whose value is largest, as a number; NaN counts as largest.
    void (*argmax)(const float *x, int channels, ptrdiff_t stride, size_t pixels, float *y);

    /// Sums over pixels of one image for losses of exclusive classes. With p the softmax over channels, t the pixel's class,
    /// w its weight times its coverage c (1 if NULL): sums[0] = sum of w (log sum exp x - x[t]), sums[1] = sum of w, then for
    /// each channel three: sum of c p, sum of c p [t = channel], sum of c [t = channel]. A pixel whose class is not in
    /// 0..<channels takes no part. At most SEG_CLASS_LIMIT channels.
    void (*class_sums)(const float *x, int channels, ptrdiff_t stride, const float *classes, const float *weights,
                       const float *coverage, size_t pixels, float *sums);
    /// dx from the sums' gradients: of sums[0] `g`, of a channel's first two `gradients[2 * channel]` and the next.
    void (*class_sums_backward)(const float *x, int channels, ptrdiff_t stride, const float *classes,
                                const float *weights, const float *coverage, size_t pixels, float g,
                                const float *gradients, float *dx);

    /// y[i] = a[i] op b[i]
    void (*binary)(seg_binary op, const float *a, const float *b, seg_scalar_side scalar, float *y, size_t count);
    /// y[i] = a[i] + (b[i] - a[i]) * weight, each operation rounded by itself
    void (*blend)(const float *a, const float *b, float weight, float *y, size_t count);
    /// y[i] += x[i] * weight, likewise
    void (*add_weighted)(const float *x, float weight, float *y, size_t count);
    /// y[i] += x[i]
    void (*accumulate)(const float *x, float *y, size_t count);
    /// y[i] += a * x[i * stride]
    void (*axpy)(float a, const float *x, ptrdiff_t stride, float *y, size_t count);
    /// Sum of x, in 64 lanes and then across them: the order depends on `count` alone.
    float (*sum)(const float *x, size_t count);
    float (*dot)(const float *x, const float *y, size_t count);
    /// Sum of squares, in double from lane sums of at most 4096 values.
    double (*sum_of_squares)(const float *x, size_t count);
    /// 1 if a value is NaN or infinite.
    int (*has_non_finite)(const float *x, size_t count);

    /// Per-pixel binary cross-entropy with logits: y = max(x,0) - x t + log(1 + exp(-|x|)).
    void (*bce)(const float *logits, const float *targets, float *y, size_t count);
    /// Four sums over pixels, with p = 1 / (1 + exp(-x)): that cross-entropy, p, p t, and t.
    void (*mask_sums)(const float *logits, const float *targets, size_t count, float *sums);
    /// dx of the first three sums' gradients: g[0] (p - t) + p (1 - p) (g[1] + g[2] t).
    void (*mask_sums_backward)(const float *logits, const float *targets, size_t count, const float *gradients,
                               float *dx);

    /// C (m x n, row-major, `ldc`) = A (m x k) times B (k x n), or plus that if `accumulate`.
    void (*gemm)(int m, int n, int k, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                 ptrdiff_t ldb, float *c, ptrdiff_t ldc, int accumulate);

    /// `rounds` times 2 * 16 * `peak_chains` operations in independent chains, nothing in memory: what the machine's
    /// arithmetic gives at most. Returns a sum that depends on all of them.
    float (*peak)(size_t rounds);
    int peak_chains;

    /// AdamW (Loshchilov & Hutter 2019): `decay` multiplies w before the step; c1 and c2 are 1 / (1 - beta^t).
    void (*adamw)(float *w, const float *g, float *m, float *v, float rate, float beta1, float beta2, float epsilon,
                  float decay, float c1, float c2, float gradient_scale, size_t count);
} seg_kernels;

/// The best instruction set of this machine.
seg_isa seg_isa_detect(void);
/// The kernels of an instruction set; NULL if it was not compiled for this architecture.
const seg_kernels *seg_kernels_for(seg_isa isa);

/// Asks for a cache's lines, `step` bytes apart, to be brought into the second level.
static inline void seg_prefetch(const void *p, ptrdiff_t lines, ptrdiff_t step) {
    for (ptrdiff_t i = 0; i < lines; i++) __builtin_prefetch((const char *)p + i * step, 0, 2);
}

/// Tells the processor that a loop waits for another thread.
static inline void seg_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}
