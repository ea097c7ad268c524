// Kernels of training: products of matrices, and each block of a network forward and backward.
//
// Every function gives the same bits with every instruction set. Each output of a product is one chain
// of fused multiply-adds, k ascending, that starts from the old value; sums over rows run in 16 lanes,
// which are then folded 8, 4, 2 and 1 apart. Nothing here allocates, locks or keeps state.
#ifndef CTRAINING_H
#define CTRAINING_H

#include "ckernels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Floats that a product takes as scratch.
enum { APUS_MATMUL_SCRATCH = 64 * 1024 };

/// Positions of a side of a tile of attention.
enum { APUS_ATTENTION_TILE = 64 };

#define APUS_REAL float
#define APUS_OF(name) name
#include "training_table.h"
#undef APUS_REAL
#undef APUS_OF

#define APUS_REAL double
#define APUS_OF(name) name##_double
#include "training_table.h"
#undef APUS_REAL
#undef APUS_OF

#pragma clang assume_nonnull begin

/// The table of a level, or null where this processor or build cannot run it.
const apus_training_kernels *_Nullable apus_training_kernels_for(apus_level level);

/// The plain twins compiled for double precision: what derivatives are checked with.
const apus_training_kernels_double *apus_training_kernels_in_double(void);

/// Elements of scratch for attention over a number of tokens, in either direction.
size_t apus_training_attention_scratch(size_t tokens, size_t head_length);

/// The natural logarithm of a positive, finite number by additions, products and quotients alone, which
/// are the same on every system; error 2 ulp.
double apus_logarithm(double x);

/// e to the power of a number that is not NaN, by additions and products alone; error 2 ulp.
double apus_exponential(double x);

/// Keeps the processor's multiply-add units busy on registers alone; returns how many operations.
///
/// - sums: receives results, [16], so that nothing is left out.
size_t apus_training_peak(apus_level level, size_t rounds, float *sums);

#pragma clang assume_nonnull end
#endif
