// The vector tables, where this build has them.
#ifndef APUS_VECTOR_TABLES_H
#define APUS_VECTOR_TABLES_H

#include "ckernels.h"

#if defined(__x86_64__)
#define APUS_HAS_X86_TABLES 1
#else
#define APUS_HAS_X86_TABLES 0
#endif

// Weights and activations are read as little-endian numbers of several bytes.
#if defined(__aarch64__) && defined(__linux__) && defined(__LITTLE_ENDIAN__)
#define APUS_HAS_ARM_TABLES 1
#else
#define APUS_HAS_ARM_TABLES 0
#endif

#pragma clang assume_nonnull begin

#if APUS_HAS_X86_TABLES
extern const apus_kernels apus_avx2_kernels;
extern const apus_kernels apus_avx512_kernels;

/// Replaces attention in the AVX-512 table by what needs AVX-512 BF16 as well.
void apus_use_bfloat_attention(apus_kernels *table);
#endif

#if APUS_HAS_ARM_TABLES
extern const apus_kernels apus_neon_kernels;

/// Replaces attention in the NEON table by what needs BF16 as well.
void apus_use_bfloat_attention(apus_kernels *table);

/// Replaces products in the NEON table by what needs I8MM as well.
void apus_use_matrix_products(apus_kernels *table);
#endif

/// The table of the functions that the including file instantiated.
#define APUS_VECTOR_TABLE(NAME)           \
  {                                       \
    .name = NAME,                         \
    .quantize_row = quantize_row,         \
    .multiply = multiply,                 \
    .rms_norm = rms_norm,                 \
    .layer_norm = layer_norm,             \
    .rotate = rotate,                     \
    .gated = gated,                       \
    .xielu = xielu,                       \
    .soft_cap = soft_cap,                 \
    .clamp = clamp,                       \
    .add = add,                           \
    .scale = scale,                       \
    .softplus = softplus,                 \
    .sigmoid_gate = sigmoid_gate,         \
    .convolve = convolve,                 \
    .advance_head = advance_head,         \
    .advance_channels = advance_channels, \
    .advance_delta = advance_delta,       \
    .append_position = append_position,   \
    .attend_group = attend_group,         \
    .merge_groups = merge_groups,         \
    .attend = attend,                     \
    .survey = survey,                     \
    .weigh = weigh,                       \
  }

#pragma clang assume_nonnull end
#endif
