// Rounding of activations to 15-bit blocks, for 16 blocks at a time: one lane holds what a block
// has one of, so that the divisions and the sums are shared. Includers define
//   pack_rounded   rounds 32 values to integers; gives their digits, and sums of neighbours
#include "ckernels.h"
#include "vector.h"

/// Blocks that are rounded together.
#define GROUP 16

/// Combines elements 0 with 1 and 2 with 3 of each quarter: a's results in front of b's.
#define COMBINE_NEIGHBOURS(COMBINE, a, b)                                                        \
  COMBINE(__builtin_shufflevector(a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28,   \
                                  30),                                                           \
          __builtin_shufflevector(a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29,   \
                                  31))

/// Combines quarters 0 with 1 and 2 with 3: a's results in front of b's.
#define COMBINE_QUARTERS(COMBINE, a, b)                                                          \
  COMBINE(__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26,    \
                                  27),                                                           \
          __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30,  \
                                  31))

#define SUM(a, b) ((a) + (b))
#define GREATEST(a, b) __builtin_elementwise_max(a, b)

/// Combines sixteen vectors, of each lanes 4 i and 4 i + 1 and lanes 4 i + 2 and 4 i + 3: two
/// results for each vector, in `to[0]` for the first eight.
#define COMBINE_HALVES(COMBINE, x, to)                                                           \
  APUS_UNROLL for (int i = 0; i < 8; i++) {                                                      \
    x[i] = COMBINE_NEIGHBOURS(COMBINE, x[2 * i], x[2 * i + 1]);                                  \
  }                                                                                              \
  APUS_UNROLL for (int i = 0; i < 4; i++) {                                                      \
    x[i] = COMBINE_QUARTERS(COMBINE, x[2 * i], x[2 * i + 1]);                                    \
  }                                                                                              \
  APUS_UNROLL for (int i = 0; i < 2; i++) {                                                      \
    to[i] = COMBINE_QUARTERS(COMBINE, x[2 * i], x[2 * i + 1]);                                   \
  }

/// Combines lanes 2 i and 2 i + 1 of both.
#define COMBINE_PAIRS(COMBINE, x)                                                                \
  COMBINE(__builtin_shufflevector(x[0], x[1], 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, \
                                  28, 30),                                                       \
          __builtin_shufflevector(x[0], x[1], 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, \
                                  29, 31))

/// The greatest magnitude of each block. Without the sign, floats order as their bits do, with
/// infinity and then NaN at the top.
APUS_INLINE v16f greatest_of(const float *x, const int count) {
  v16u magnitudes[GROUP], halves[2];
  APUS_UNROLL for (int i = 0; i < GROUP; i++) {
    magnitudes[i] = 0;
    if (i >= count) continue;
    const float *block = x + i * APUS_BLOCK;
    magnitudes[i] = GREATEST(bits_of(load(block)) & 0x7fffffff,
                             bits_of(load(block + 16)) & 0x7fffffff);
  }
  COMBINE_HALVES(GREATEST, magnitudes, halves)
  return float_of_bits(COMBINE_PAIRS(GREATEST, halves));
}

/// Finds the scales of `count` blocks, the blocks from `b` on of all in `to`, and leaves their
/// inverses where the scaled sums will be; false when some value is not finite.
APUS_INLINE bool find_scales(const float *x, size_t b, const apus_activations *to,
                             const int count) {
  const v16f greatest = greatest_of(x, count), inverse = APUS_ACTIVATION_LIMIT / greatest;
  const v16i finite = greatest < __builtin_inff();
  const v16i filled = finite & (inverse < __builtin_inff());
  v16f scales = select16(filled, greatest / APUS_ACTIVATION_LIMIT, (v16f)0.0f);
  scales = select16(finite, scales, (v16f)__builtin_nanf(""));
  store_first(to->scales + b, scales, (size_t)count);
  store_first(to->scaled_sums + b, select16(filled, inverse, (v16f)0.0f), (size_t)count);
  return !any16(~finite);
}

/// Rounds `count` blocks, whose scales are found.
APUS_INLINE void round_blocks(const float *x, size_t b, const apus_activations *to,
                              const int count) {
  v16i partial_sums[GROUP], halves[2];
  APUS_UNROLL for (int i = 0; i < GROUP; i++) {
    partial_sums[i] = 0;
    if (i >= count) continue;
    const float *block = x + i * APUS_BLOCK;
    const float factor = to->scaled_sums[b + (size_t)i];
    v16i digits = pack_rounded(load(block) * factor, load(block + 16) * factor, &partial_sums[i]);
    digits = __builtin_shufflevector(digits, digits, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7,
                                     11, 15);
    __builtin_memcpy(to->digits + 2 * (b + (size_t)i) * APUS_BLOCK, &digits, sizeof digits);
  }
  COMBINE_HALVES(SUM, partial_sums, halves)
  const v16i sums = COMBINE_PAIRS(SUM, halves);
  const v16f scales = load_first(to->scales + b, (size_t)count, 0);
  const v16f scaled_sums = scales * __builtin_convertvector(sums, v16f);
  const size_t bytes = (size_t)count * sizeof(int32_t);
  __builtin_memcpy(to->sums + b, &sums, bytes);
  __builtin_memcpy(to->half_sums + 2 * b, halves, 2 * bytes);
  store_first(to->scaled_sums + b, scaled_sums, (size_t)count);
}

/// Rounds the blocks of which one holds a value that is not finite: such a block is all zero.
static __attribute__((noinline)) void round_cleaned(const float *x, size_t b,
                                                    const apus_activations *to, int count) {
  float cleaned[GROUP * APUS_BLOCK];
  for (int i = 0; i < count * APUS_BLOCK; i++) {
    float scale = to->scales[b + (size_t)i / APUS_BLOCK];
    cleaned[i] = scale == scale ? x[i] : 0;
  }
  round_blocks(cleaned, b, to, count);
}

static void quantize_row(const float *row, size_t t, const apus_activations *to) {
  const size_t blocks = to->columns / APUS_BLOCK, first = t * blocks;
  const size_t whole = blocks / GROUP * GROUP;
  const int rest = (int)(blocks - whole);
  // All scales first: the rounding of one group would otherwise wait for its division.
  bool finite = true;
  for (size_t b = 0; b < whole; b += GROUP) {
    finite &= find_scales(row + b * APUS_BLOCK, first + b, to, GROUP);
  }
  if (rest > 0) finite &= find_scales(row + whole * APUS_BLOCK, first + whole, to, rest);
  for (size_t b = 0; b < blocks; b += GROUP) {
    const float *x = row + b * APUS_BLOCK;
    if (!finite) {
      round_cleaned(x, first + b, to, b < whole ? GROUP : rest);
    } else if (b < whole) {
      round_blocks(x, first + b, to, GROUP);
    } else {
      round_blocks(x, first + b, to, rest);
    }
  }
}
