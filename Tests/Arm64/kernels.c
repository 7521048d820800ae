/// Runs kernels on the same numbers wherever it is compiled for, and prints what comes out: `Scripts/arm64` compares the print of
/// arm64 with that of x86-64, whose kernels the tests of SegTensor hold against a reference.
#include "CSegKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { side = 24, row = (side + 2) * 16, strip_floats = (side + 2) * row, many = 1 << 16 };

static uint32_t state = 1;

/// Within -1 and 1, the same everywhere.
static float number(void) {
    state = state * 1664525u + 1013904223u;
    return (float)((int32_t)(state >> 8) - (1 << 23)) / (1 << 23);
}

static float *numbers(size_t count) {
    float *values = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
    for (size_t i = 0; i < count; i++) values[i] = number();
    return values;
}

static void print(const char *name, const float *values, size_t count) {
    printf("%s", name);
    // Not all of a large array: every part of it is met.
    size_t step = count > 2048 ? count / 2048 | 1 : 1;
    for (size_t i = 0; i < count; i += step) printf(" %.9g", values[i]);
    printf("\n");
}

#define PRINT(values, count) print(#values, values, count)

int main(void) {
    const seg_kernels *k = seg_kernels_for(seg_isa_baseline);
    float *x = numbers(many), *y = numbers(many), *g = numbers(many), *w = numbers(many), *out = numbers(many);
    float *scale = numbers(16), *shift = numbers(16), *k1 = numbers(16), *k2 = numbers(16), *k3 = numbers(16);
    const char *modes[] = {"raw", "affine", "affine+relu", "affine+relu6", "backward", "backward+relu", "backward+relu6"};
    int32_t first[side], second[side];
    for (int i = 0; i < side; i++) {
        first[i] = i * 5 / side;
        second[i] = first[i] + i % 2;
    }
    seg_axis axis = {first, second, w};
    seg_resize resize = {axis, axis, side, 6};

    for (int mode = 0; mode < 7; mode++) {
        seg_block block = {x, g, scale, shift, k1, k2, k3, (seg_read_mode)mode};
        seg_block resized = {.mode = seg_read_resized, .source = &block, .resize = &resize, .first_pixel = 7};
        printf("mode %s\n", modes[mode]);
        k->gather_rows(&block, side, side, -1, side + 2, 1, 1, 1, out, row);
        print("gather_rows", out, strip_floats);
        k->read_block(&block, side * side, out);
        print("read_block", out, side * side * 16);
        k->gather_every(&block, 3, side, side / 3, side / 3, -1, side / 3 + 2, 1, 1, out, row);
        print("gather_every", out, (side / 3 + 2) * row);
        k->read_block(&resized, side * (side - 1), out);
        print("read_resized", out, side * (side - 1) * 16);
        k->add_blocks(&block, &resized, side * (side - 1), mode % 2, out);
        print("add_blocks", out, side * (side - 1) * 16);
        memset(out, 0, sizeof(float) * side * side * 3);
        k->thin_forward(&block, side * side, w, 3, out, side * side);
        print("thin_forward", out, side * side * 3);
        memset(out, 0, 16 * sizeof(float));
        k->thin_weight_gradient(&block, side * side, y, out);
        print("thin_weight_gradient", out, 16);
        if (mode < 4) {
            k->max_pool(&block, side, side / 2, side / 2, out);
            print("max_pool", out, side * side * 4);
            k->max_pool_backward(&block, side, side, side / 2, side / 2, y, NULL, out);
            print("max_pool_backward", out, side * side * 16);
            memset(out, 0, 32 * sizeof(float));
            k->backward_sums(g, &block, side * side, out);
            print("backward_sums", out, 32);
        }
        k->block_to_planes(&block, 11, side * side, out, side * side);
        print("block_to_planes", out, side * side * 11);
    }
    k->planes_to_block(x, side * side, 5, side * side, out);
    PRINT(out, side * side * 16);

    seg_window window = {.row_stride = row,
                         .block_stride = strip_floats,
                         .blocks = 1,
                         .kernel_height = 3,
                         .kernel_width = 3,
                         .stride_height = 1,
                         .stride_width = 1,
                         .end_row = side + 2,
                         .end_column = side + 2,
                         .y_pixel_stride = 16,
                         .y_row_stride = side * 16,
                         .dilation = 1,
                         .bias = scale};
    for (int group = 1; group <= k->conv_group; group++) {
        float *rows[] = {out, out + side * side * 16};
        const float *gradients[] = {g, g + side * side * 16};
        k->conv_rows(&window, x, w, rows, group, side, side);
        print("conv_rows", out, (size_t)group * side * side * 16);
        // Of an image without zeros around it, with taps far apart.
        seg_window apart = window;
        apart.dilation = 7;
        apart.first_row = apart.first_column = 7;
        apart.end_row = apart.end_column = 7 + side;
        apart.is_borderless = 1;
        apart.row_stride = side * 16;
        k->conv_rows(&apart, x + many / 2 - 7 * (side + 1) * 16, w, rows, group, side, side);
        print("conv_rows_apart", out, (size_t)group * side * side * 16);
        memset(out, 0, sizeof(float) * 9 * 16 * 32);
        k->conv_weight_gradient(&window, x, 16, gradients, group, side, side, out);
        print("conv_weight_gradient", out, (size_t)9 * 16 * 16 * group);
    }
    k->scatter_every(x, side / 2, side / 2, 2, side, out);
    print("scatter_every", out, side * side * 16);
    k->depthwise_rows(&window, x, w, out, side, side);
    print("depthwise_rows", out, side * side * 16);
    memset(out, 0, sizeof(float) * 9 * 16);
    k->depthwise_weight_gradient(&window, x, g, side, side, out);
    print("depthwise_weight_gradient", out, 9 * 16);

    enum { tiles = 6, plane = tiles * 16 };
    k->winograd_input(x, row, tiles, out, plane, 16);
    print("winograd_input", out, 36 * plane);
    k->winograd_gradient(x, row, tiles, out, plane, 16);
    print("winograd_gradient", out, 36 * plane);
    k->winograd_output(x, plane, 16, tiles, scale, out, tiles * 64, 4, tiles * 4);
    print("winograd_output", out, tiles * 4 * 64);
    k->winograd_multiply(tiles, 32, x, 32, w, 1, 0, out, 16);
    print("winograd_multiply", out, tiles * 16);
    k->winograd_accumulate(tiles, 32, 16, x, g, 0, out);
    print("winograd_accumulate", out, 32 * 16);
    for (int adjoint = 0; adjoint < 2; adjoint++) {
        k->winograd_kernels(w, 16 * 9, 16, 16, adjoint, out, 256, 16);
        print("winograd_kernels", out, 36 * 256);
        k->winograd_kernel_gradients(w, 256, 16, 2, 36 * 256, adjoint, out, 16 * 9, 16, 16);
        print("winograd_kernel_gradients", out, 16 * 16 * 9);
    }

    memset(out, 0, 32 * sizeof(float));
    k->channel_sums(x, side * side, out);
    print("channel_sums", out, 32);
    uint16_t *rounded = aligned_alloc(64, many * sizeof(uint16_t));
    k->round_rows(x, side * side, rounded, NULL);
    for (int i = 0; i < side * side * 16; i++) out[i] = rounded[i];
    print("round_rows", out, side * side * 16);
    k->layer_norm(x, scale, shift, 16, side * side, side * side, 1e-5f, out);
    print("layer_norm", out, side * side * 16);
    k->scale_pixels(x, y, side * side, out);
    print("scale_pixels", out, side * side * 16);
    k->dot_pixels(x, y, side * side, 0, out);
    print("dot_pixels", out, side * side);
    k->thin_input_gradient(w, 3, g, side * side, side * side, out);
    print("thin_input_gradient", out, side * side * 16);

    enum { count = 5003 };
    float positive[count];
    for (int i = 0; i < count; i++) positive[i] = 4 * (x[i] < 0 ? -x[i] : x[i]) + 1e-3f;
    for (int op = seg_unary_relu; op <= seg_unary_gelu; op++) {
        printf("unary %d\n", op);
        k->unary((seg_unary)op, positive, y, count);
        print("unary", y, count);
        k->unary_backward((seg_unary)op, positive, y, g, out, count);
        print("unary_backward", out, count);
    }
    for (int op = seg_binary_add; op <= seg_binary_minimum; op++) {
        k->binary((seg_binary)op, x, positive, seg_scalar_none, out, count);
        print("binary", out, count);
    }
    k->leaky_relu(0.1f, x, out, count);
    print("leaky_relu", out, count);
    k->dropout(42, 1u << 30, 2, x, 0, 16, 1, out, count / 16 * 16);
    print("dropout", out, count / 16 * 16);
    for (int is_log = 0; is_log < 2; is_log++) {
        k->softmax(is_log, x, 5, 1000, 1000, y);
        print("softmax", y, count - 3);
        k->softmax_backward(is_log, y, g, 5, 1000, 1000, out);
        print("softmax_backward", out, count - 3);
    }
    k->argmax(x, 5, 1000, 1000, out);
    print("argmax", out, 1000);
    float classes[1000];
    for (int i = 0; i < 1000; i++) classes[i] = (float)(i % 6);
    k->class_sums(x, 5, 1000, classes, NULL, NULL, 1000, out);
    print("class_sums", out, 2 + 3 * 5);
    float targets[count];
    for (int i = 0; i < count; i++) targets[i] = i % 3 == 0;
    k->bce(x, targets, out, count);
    print("bce", out, count);
    k->mask_sums(x, targets, count, out);
    print("mask_sums", out, 4);
    k->mask_sums_backward(x, targets, count, scale, out);
    print("mask_sums_backward", out, count);
    out[0] = k->sum(x, count);
    out[1] = k->dot(x, g, count);
    out[2] = (float)k->sum_of_squares(x, count);
    out[3] = (float)k->has_non_finite(x, count);
    print("sums", out, 4);
    memcpy(out, x, sizeof(float) * count);
    k->axpy(0.5f, g, 1, out, count);
    print("axpy", out, count);
    k->gemm(37, 41, 29, x, 29, 1, g, 41, out, 41, 0);
    print("gemm", out, 37 * 41);
    for (int i = 0; i < count; i++) y[i] = positive[i];
    k->adamw(x, g, w, y, 1e-3f, 0.9f, 0.999f, 1e-8f, 0.9999f, 10, 1000, 0.5f, count);
    print("adamw", x, count);
    return 0;
}
