// The AVX2 table of training.
#pragma STDC FP_CONTRACT OFF

#include "tables.h"

#include <math.h>
#include <string.h>

#if APUS_HAS_X86_TABLES

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi2"))), apply_to = function)

#define TILE_ROWS 6
#define TILE_VECTORS 2
#define DEPTH_BLOCK 256
#define ROW_BLOCK 228
typedef float lanes __attribute__((ext_vector_type(8)));

#include "vector_matmul.h"
#include "vector_rows.h"
#include "vector_table.h"

size_t apus_avx2_peak(size_t rounds, float *sums) { return keep_busy(rounds, sums); }

const apus_training_kernels apus_avx2_training = APUS_TRAINING_TABLE("avx2");

#pragma clang attribute pop

#endif
