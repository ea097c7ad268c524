// The tables, where this build has them.
#ifndef APUS_TRAINING_TABLES_H
#define APUS_TRAINING_TABLES_H

#include "ctraining.h"
#include "vector_tables.h"

extern const apus_training_kernels apus_plain_training;
extern const apus_training_kernels_double apus_double_training;

#if APUS_HAS_X86_TABLES
extern const apus_training_kernels apus_avx2_training;
extern const apus_training_kernels apus_avx512_training;
size_t apus_avx2_peak(size_t rounds, float *sums);
size_t apus_avx512_peak(size_t rounds, float *sums);
#endif

#if APUS_HAS_ARM_TABLES
extern const apus_training_kernels apus_neon_training;
size_t apus_neon_peak(size_t rounds, float *sums);
#endif

#endif
