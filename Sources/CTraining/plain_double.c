// The plain table in double precision, whose derivatives central differences come near to.
#include "tables.h"

#define APUS_REAL double
#define APUS_OF(name) name##_double
#define APUS_TABLE apus_double_training
#define APUS_EXP exp
#define APUS_SQRT __builtin_sqrt
#define APUS_FMA __builtin_fma
#include "plain_kernels.h"

const apus_training_kernels_double *apus_training_kernels_in_double(void) {
  return &apus_double_training;
}
