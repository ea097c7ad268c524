// Rounding of activations to 15-bit blocks.
#include "ckernels.h"
#include "vector.h"

/// Rounds a block and stores its digits; returns the sum of its integers.
APUS_INLINE int32_t store_rounded(v16f first, v16f second, int8_t *digits) {
  v16i a = __builtin_convertvector(__builtin_elementwise_rint(first), v16i);
  v16i b = __builtin_convertvector(__builtin_elementwise_rint(second), v16i);
  v16i high_a = (a + 64) >> 7, high_b = (b + 64) >> 7;
  v16b bytes[4] = {
    __builtin_convertvector(high_a, v16b),
    __builtin_convertvector(high_b, v16b),
    __builtin_convertvector(a - high_a * 128, v16b),
    __builtin_convertvector(b - high_b * 128, v16b),
  };
  __builtin_memcpy(digits, bytes, sizeof bytes);
  return __builtin_reduce_add(a + b);
}

static void quantize_row(const float *row, size_t t, const apus_activations *to) {
  const size_t blocks = to->columns / APUS_BLOCK;
  int8_t *digits = to->digits + 2 * t * to->columns;
  for (size_t b = 0; b < blocks; b++) {
    v16f first = load(row + b * APUS_BLOCK), second = load(row + b * APUS_BLOCK + 16);
    // Without the sign, floats order as their bits do, with infinity and then NaN at the top.
    v16u magnitudes = __builtin_elementwise_max(bits_of(first) & 0x7fffffff,
                                                bits_of(second) & 0x7fffffff);
    float greatest = apus_float_of_bits(__builtin_reduce_max(magnitudes));
    float inverse = APUS_ACTIVATION_LIMIT / greatest;
    bool finite = greatest < __builtin_inff();
    bool empty = !finite || !(inverse < __builtin_inff());
    v16f factor = empty ? 0.0f : inverse;
    if (!finite) first = second = 0.0f;
    float scale = !finite ? __builtin_nanf("") : empty ? 0 : greatest / APUS_ACTIVATION_LIMIT;
    int32_t sum = store_rounded(first * factor, second * factor, digits + 2 * b * APUS_BLOCK);
    to->scales[t * blocks + b] = scale;
    to->sums[t * blocks + b] = sum;
    to->scaled_sums[t * blocks + b] = scale * (float)sum;
  }
}
