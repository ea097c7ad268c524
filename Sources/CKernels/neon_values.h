// Stored values and scales of weight panels in NEON vectors of four columns, for the files that
// multiply with them.
#define LANES 4
#define SIGNED_VALUES
#include "vector_values.h"

#include <arm_neon.h>

typedef v4f lanes_f;
typedef int32_t lanes_i __attribute__((ext_vector_type(LANES)));
typedef uint16_t lanes_h __attribute__((ext_vector_type(LANES)));

APUS_INLINE stored_values look_up(const uint8_t *codebook, stored_values places,
                                  const int lowering) {
  uint8x16_t entries = vsubq_u8(vld1q_u8(codebook), vdupq_n_u8((uint8_t)lowering));
  return (stored_values)vqtbl1q_u8(entries, (uint8x16_t)places);
}

APUS_INLINE lanes_f load_halves(const uint8_t *halves) {
  float16x4_t v;
  __builtin_memcpy(&v, halves, sizeof v);
  return (lanes_f)vcvt_f32_f16(v);
}

APUS_INLINE lanes_f load_integers(const uint8_t *scales) {
  int8_t v __attribute__((ext_vector_type(LANES)));
  __builtin_memcpy(&v, scales, sizeof v);
  return __builtin_convertvector(__builtin_convertvector(v, lanes_i), lanes_f);
}
