// The plain table in single precision.
#include "tables.h"

#define APUS_REAL float
#define APUS_OF(name) name
#define APUS_TABLE apus_plain_training
#define APUS_EXP apus_exp
#define APUS_SQRT __builtin_sqrtf
#define APUS_FMA __builtin_fmaf
#include "plain_kernels.h"
