// Attention, and the table of all that the including file instantiated.
#define APUS_REAL float
#define APUS_OF(name) name
#include "attention.h"

#define APUS_TRAINING_TABLE(NAME)         \
  {                                       \
    .name = NAME,                         \
    .panel = PANEL,                       \
    .pack = pack,                         \
    .multiply = multiply,                 \
    .norm = norm,                         \
    .norm_backward = norm_backward,       \
    .rotate = rotate,                     \
    .swiglu = swiglu,                     \
    .swiglu_backward = swiglu_backward,   \
    .attend = attend,                     \
    .attend_backward = attend_backward,   \
    .cross_entropy = cross_entropy,       \
    .add = add,                           \
    .blend = blend,                       \
    .sum_squares = sum_squares,           \
    .adamw = adamw,                       \
  }
