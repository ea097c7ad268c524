// The arithmetic of Apus: one table of functions per instruction set.
//
// Letters: T rows (tokens), K columns read (the inner dimension), N columns written (outputs),
// Q query heads, G key-value heads, D head length, B positions per page.
//
// Every function of every table gives the same bits for the same input. That holds because each
// output element is one chain of operations in one fixed order, written down at the function; the
// plain table is that order in plain C, and the vector tables may only regroup independent chains.
#ifndef APUS_CKERNELS_H
#define APUS_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recurrence.h"

#pragma clang assume_nonnull begin

/// Values that share one scale in a quantised weight or activation block.
#define APUS_BLOCK 32
/// Output columns that share one weight panel.
#define APUS_PANEL 16
/// The greatest magnitude of a rounded activation: 127 * 128 + 63, the most that two digits hold.
#define APUS_ACTIVATION_LIMIT 16319
/// Positions in one page of the key-value cache.
#define APUS_PAGE 32
/// Positions whose attention is summed by itself before it is merged with that of the others: groups
/// can be computed side by side.
#define APUS_GROUP 256
/// Below this magnitude keys, values, queries and weights of attention are rounded to zero: a product
/// of two is then a multiple of 2^-110, so that no sum of products is ever subnormal, which some
/// instructions for bfloat16 would round to zero.
#define APUS_ATTENTION_LEAST 0x1p-48f
/// Logits that are surveyed and weighed together.
#define APUS_LOGIT_BLOCK 64

/// Rows of activations rounded to 15 bits, a scale for each block of 32 along K.
///
/// An activation is scale * q, and q in -16319...16319 is kept as two digits, q = 128 * high + low,
/// so that instructions for products of bytes apply.
typedef struct {
  int8_t *digits;      // [T, K/32, 2, 32]: of each block high, in -127...127, then low, in -64...63
  float *scales;       // [T, K/32]; NaN where the block held a value that is not finite
  int32_t *sums;       // [T, K/32]: the sum of the block's q
  int32_t *half_sums;  // [T, K/32, 2]: of its first 16 and of its last 16
  float *scaled_sums;  // [T, K/32]: scale * (float)sum
  size_t columns;      // K, a multiple of 32
} apus_activations;

/// A weight matrix [N, K] repacked into panels of 16 rows of the file, so that one vector holds 16 outputs.
///
/// Panels follow each other; inside a panel, blocks of 32 along K follow each other. A block has the
/// stored values of 16 columns and their scales, and with a minimum the minima in the same form. With
/// c the column in the panel (0...15) and k the position in the block (0...31):
///   The lowest bits of the values are a plane of w = 2, 4 or 8 bits each, 64 w bytes. With o = w (k / 4),
///     bits o % 8 and up of byte 64 (o / 8) + 4 c + k % 4 are the value's. A second plane of 1 or 2 bits
///     each in the same form holds the bits above them. With a codebook the value is what that has at
///     this place.
///     Grids: for each column, places in a table of 4 or 8 values together, with signs or shifts.
///   Scales are 16 float16, bfloat16 or float32 d; or, where they are `factored`, 16 int8 s, or with a scale for
///     each 16 positions 16 int8 for the first and 16 for the last. In front of each 8 blocks are then
///     16 factors of the scales, D, and 16 of the minima, M: d = D * s and m = -(M * s), exact. Where
///     scales are shared, they stand in front of the blocks that share them instead, and then `zeros`,
///     16 bytes: the stored values that mean 0.
/// The weight is d * (stored - zero) [+ m]. Columns past N in the last panel are all zero bytes.
typedef enum {
  APUS_Q4_0 = 0,     // 4 bits, zero = 8: 288 bytes a block
  APUS_Q4_1 = 1,     // 4 bits, zero = 0, minimum: 320
  APUS_Q8_0 = 2,     // 8 bits, zero = 128: 544
  APUS_Q5_0 = 3,     // 4 + 1 bits, zero = 16: 352
  APUS_Q5_1 = 4,     // 4 + 1 bits, zero = 0, minimum: 384
  APUS_Q2_K = 5,     // 2 bits, zero = 0, minimum, factored, a scale for 16: 200 with its part of D and M
  APUS_Q3_K = 6,     // 2 + 1 bits, zero = 4, factored, a scale for 16: 228
  APUS_Q4_K = 7,     // 4 bits, zero = 0, minimum, factored: 296
  APUS_Q5_K = 8,     // 4 + 1 bits, zero = 0, minimum, factored: 360
  APUS_Q6_K = 9,     // 4 + 2 bits, zero = 32, factored, a scale for 16: 420
  APUS_IQ4_NL = 10,  // 4 bits of the codebook, zero = 128: 288
  APUS_IQ4_XS = 11,  // 4 bits of the codebook, zero = 128, factored: 276
  APUS_MXFP4 = 12,   // 4 bits of twice E2M1, zero = 12, bfloat16 scales: 288
  APUS_NVFP4,        // the same with a scale for 16: 320
  APUS_TQ2_0,        // 2 bits, zero = 1, 8 blocks share scales: 132 with its part of them
  APUS_Q2_0,         // 2 bits, zero = 1, 2 blocks share scales: 144
  APUS_Q1_0,         // 1 bit for -1 and 1, 4 blocks share scales: 72
  APUS_INT4_32,      // 4 bits, float32 scales, zeros: 336
  APUS_INT4_128,     // 4 bits, 4 blocks share float32 scales and zeros: 276
  APUS_INT8_32,      // 8 bits, float32 scales, zeros: 592
  APUS_IQ2_XXS,      // grids, factored by float32: 152
  APUS_IQ2_XS,       // the same with a scale for 16: 168
  APUS_IQ2_S,        // the same: 184
  APUS_IQ3_XXS,      // grids, factored by float32: 216
  APUS_IQ3_S,        // the same: 232
  APUS_IQ1_S,        // the same: 120
  APUS_IQ1_M,        // the same with a scale for 16: 136
  APUS_TQ1_0,        // in panels the same as TQ2_0
} apus_panel_format;

/// What one product writes: out[t * out_stride + n], for n in [0, columns).
typedef struct {
  float *out;
  size_t out_stride;
  bool accumulate;  // out += product instead of out = product
  const float *_Nullable bias;  // [N], added to the product first; null for none
} apus_destination;

/// How the key-value cache keeps its numbers.
///
/// A page holds, for each key-value head, keys [D/2, 32, 2], values [16, D, 2], and with int8 the
/// scales of the keys [32] and of the values [32], float32. Neighbouring dimensions of a key and the
/// same dimension of neighbouring values lie together, as instructions for products of pairs want it.
/// With float32 it holds keys [D, 32] and values [32, D], and queries and weights are not rounded.
/// Where values are the first elements of keys, a page holds the keys alone, and with int8 their scales.
typedef enum {
  APUS_CACHE_BFLOAT16 = 0,  // rounded to nearest, ties to even; to 0 below APUS_ATTENTION_LEAST
  APUS_CACHE_INT8 = 1,      // scale * q: of a key or value [D], scale = amax / 127, q rounded likewise;
                            // NaN as the scale, and q = 0, where an element is not finite
  APUS_CACHE_FLOAT32 = 2,   // as they are
} apus_cache_format;

/// One key-value head's part of a page.
typedef struct {
  uint8_t *bytes;  // apus_page_part_bytes(format, D, V) of them
  apus_cache_format format;
  uint32_t head_length;    // D
  uint32_t latent_length;  // V: the first elements of a key that are its value; 0 for values of D apart
} apus_page_part;

/// Attention of `rows` consecutive positions of one sequence, for the query heads of one key-value head.
///
/// Page p of the pool starts at pages + p * page_stride, a head's part at head_offset in it. Pages
/// of which no row sees anything are not read, nor are their numbers.
typedef struct {
  const float *queries;   // row r, head h at queries + r * query_stride + h * D
  size_t query_stride;
  float *out;             // same layout as queries, with out_stride and the length of values for D
  size_t out_stride;
  uint32_t rows;
  uint32_t heads;         // query heads that share this key-value head
  uint32_t head_length;   // D, a multiple of 16
  uint32_t first_limit;   // keys that row 0 sees; row r sees first_limit + r
  apus_cache_format format;
  const uint8_t *pages;
  size_t page_stride;     // in bytes
  size_t head_offset;     // in bytes
  const int32_t *table;   // page numbers of the sequence, in order of position
  float scale;            // applied to the scores, usually 1 / sqrt(D)
  float *scratch;         // apus_attention_scratch(rows, heads, D, V) floats
  uint32_t window;        // keys that a row sees at most, its own the last; 0 for all
  float cap;              // scores become cap * tanh(score / cap); 0 for as they are
  const float *_Nullable sinks;  // [heads]: a logit more, whose weight is dropped; null for none
  const float *_Nullable slopes;  // [heads]: what scores fall by for each position back; null for none
  uint32_t latent_length;  // V, a multiple of 16, at most D: the first elements of a key that are its
                           // value; 0 where values of D are kept apart
  uint32_t end;           // positions there are, where rows may have limits beyond; 0 where none has
} apus_attention;

/// Groups of positions, from the first to before the end.
typedef struct {
  uint32_t first, end;
} apus_group_range;

/// What makes an activated value of x.
typedef enum {
  APUS_SILU = 0,          // x / (1 + exp(-x))
  APUS_GELU = 1,          // h + h erf(x / sqrt(2)), h = x / 2
  APUS_GELU_TANH = 2,     // h + h tanh(sqrt(2 / pi) x (1 + 0.044715 x^2))
  APUS_RELU = 3,          // 0 below 0, else x
  APUS_RELU_SQUARED = 4,  // 0 below 0, else x * x
} apus_activation_kind;

/// The figures of xIELU.
typedef struct {
  float square;       // of x^2 above 0
  float exponential;  // of e^x - 1 - x from 0 down
  float slope;        // of x
  float ceiling;      // what the argument of the exponential is at most
} apus_xielu;

/// The figures of a gate whose inputs are bounded.
typedef struct {
  float limit;  // what the gate is at most, and the other input within plus and minus of
  float slope;  // of the logistic function
} apus_bounded_gate;

/// The figures by which logits become weights.
typedef struct {
  float best;       // the logit of weight one
  float sharpness;  // the reciprocal of the temperature
} apus_weighing;

typedef struct {
  const char *name;

  /// Rounds one row [K] into row t of `to` (block scale = amax / 16319, ties to even).
  void (*quantize_row)(const float *row, size_t t, const apus_activations *to);

  /// Products of `rows` activation rows with panels [first_panel, last_panel) of a matrix.
  /// `columns` is N, and K is whole blocks of 256 where 8 blocks share factors. For each output, over the
  /// parts of K that share a weight scale in order, blocks of 32 or halves of them, with b the block, s the
  /// exact integer sum of stored * q, which fits 32 bits, sum the part's sum of q, and
  /// f = (float)(s - zero * sum), rounded to nearest where it has more than 24 bits:
  ///   acc = fma(f, d * scales[b], acc); with a minimum, then
  ///   acc = fma(m, scales[b] * (float)sum, acc).
  /// Starts from acc = 0. With a bias, acc + bias is the product; with `accumulate`, writes out + that.
  void (*multiply)(apus_panel_format format, const uint8_t *panels, size_t first_panel,
                   size_t last_panel, size_t columns, const apus_activations *activations,
                   size_t rows, apus_destination to);

  /// out[i] = (x[i] * r) * weight[i], r = 1 / sqrt(mean(x^2) + epsilon). The sum of squares runs in
  /// 16 lanes (element i in lane i % 16, fma), folded 8, 4, 2, 1. n may be any size.
  void (*rms_norm)(const float *x, const float *weight, float *out, size_t n, float epsilon);

  /// out[i] = ((x[i] - m) * r) * weight[i] + bias[i], m = mean(x), r = 1 / sqrt(mean((x - m)^2) + epsilon).
  /// Without `weight` nothing is multiplied, without `bias` nothing added. Both sums run as in rms_norm,
  /// that of x by additions. `out` may be `x`.
  void (*layer_norm)(const float *x, const float *_Nullable weight, const float *_Nullable bias,
                     float *out, size_t n, float epsilon);

  /// Rotates `heads` heads of length D in place by per-pair angles: cosines and sines [dimensions / 2].
  /// interleaved: pairs (2i, 2i+1); else pairs (i, i + dimensions/2). Elements past `dimensions` stay.
  /// a' = fma(a, cos, -(b * sin)), b' = fma(a, sin, b * cos).
  void (*rotate)(float *x, size_t heads, size_t head_length, size_t dimensions,
                 const float *cosines, const float *sines, bool interleaved);

  /// out[i] = f(gate[i]) * up[i], or f(gate[i]) where `up` is null; exp, tanh and erf are apus_exp,
  /// apus_tanh and apus_erf. GELU is fma(h, f, h), and 0 where f is -1. The argument of tanh is
  /// slope * x * fma(0.044715, x * x, 1).
  void (*gated)(apus_activation_kind kind, const float *gate, const float *_Nullable up, float *out,
                size_t n);

  /// x[i] = square * x^2 + slope * x as fma(square * x, x, slope * x) above 0, else
  /// fma(exponential, (exp(min(x, ceiling)) - 1) - x, slope * x); exp is apus_exp.
  void (*xielu)(float *x, size_t n, const apus_xielu *figures);

  /// gate[i] = (u + 1) * (g / (1 + exp(-(slope * g)))) with g = gate[i], limit above that, and u = up[i],
  /// bounded as in clamp; exp is apus_exp.
  void (*bounded_gate)(float *gate, const float *up, size_t n, const apus_bounded_gate *figures);

  /// x[i] = cap * tanh(x[i] / cap), tanh being apus_tanh. cap > 0.
  void (*soft_cap)(float *x, size_t n, float cap);

  /// x[i] = -bound below that, bound above that, else x[i].
  void (*clamp)(float *x, size_t n, float bound);

  /// x[i] = x[i] + y[i].
  void (*add)(float *x, const float *y, size_t n);

  /// x[i] = x[i] * factor.
  void (*scale)(float *x, size_t n, float factor);

  /// x[i] = ln(1 + exp(x[i] + bias[i])), or without bias: with y the argument and t = exp(-|y|), max(y, 0) plus
  /// 2 z P(z^2), z = t / (2 + t), P the series of the area tangent. exp is apus_exp.
  void (*softplus)(float *x, const float *_Nullable bias, size_t n);

  /// x[i] = x[i] / (1 + exp(-gate[i])); exp is apus_exp.
  void (*sigmoid_gate)(float *x, const float *gate, size_t n);

  /// Convolves each channel. Starts from the bias or 0; then acc = fma(weight, input, acc), the oldest input
  /// first. Inputs are the products with `before`, results are activated, then multiplied with `after`.
  void (*convolve)(const apus_convolution *work);

  /// Moves a head on, row by row: with a = exp(A dt) and u = dt x, S = fma(S, a, B u), and y = fma(S, C, y) over
  /// the states in order, from 0; the result is fma(D, x, y). exp is apus_exp.
  void (*advance_head)(const apus_state_space_head *work);

  /// The same of channels whose a is of their own for each state, u B taking the place of B u.
  void (*advance_channels)(const apus_state_space_channels *work);

  /// Moves a head on, row by row: with g = exp(a step) and r = 1 / (1 + exp(-rate)), m = fma(k, S, m) over the
  /// keys in order, from 0; d = (v - g m) r; S = fma(k, d, g S), and y = fma(q, S, y) likewise.
  void (*advance_delta)(const apus_delta_head *work);

  /// Writes one position into a page: key and value [D] of one key-value head, rounded to the format. The
  /// value is not read where it is a part of the key.
  void (*append_position)(const float *key, const float *value, apus_page_part to, size_t slot);

  /// Attention to the positions of one group, `group * 256` and after, written to `state`: for each
  /// query (row by row, head by head) the sum of p * value [rows, heads, D or V], then the greatest scores
  /// [rows, heads], then the sums of p [rows, heads]. Rows that see nothing of the group are left out.
  ///
  /// Queries are rounded like keys. A score is s = (scale [* key scale]) * dot, with a cap then
  /// cap * tanh(s / cap), with a slope then fma(slope, (float)(key's position - query's), s), m the
  /// greatest that the query sees, p = exp(s - m); the sum of p runs in
  /// 16 lanes (position i in lane i % 16), folded 8, 4, 2, 1. p [* value scale], rounded like a key,
  /// is multiplied with the values. A dot product runs over pairs in order, in each pair the odd
  /// element first: acc = fma(a1, b1, acc); acc = fma(a0, b0, acc); the partner of the first position
  /// seen, where that is odd, and of the last, where that is even, count as zero.
  void (*attend_group)(const apus_attention *work, uint32_t group, float *state);

  /// Merges the states of apus_attention_groups, `stride` floats apart, into the first, and writes
  /// the results. A query starts with the state of the first group of which it sees something. With
  /// m' = max(M, m), a = exp(M - m'), b = exp(m - m'), each group in turn then gives
  /// sum = fma(l, b, L * a) and out = fma(o, b, O * a). The result is out / sum; with a sink s, it is
  /// O * a / fma(L, a, b), s taking the place of m.
  void (*merge_groups)(const apus_attention *work, float *states, size_t stride);

  /// Both, for all groups of which some row sees something, one after the other.
  void (*attend)(const apus_attention *work);

  /// The greatest of each 64 elements, maxima[i] for those from 64 i on; returns the index of the
  /// largest, the lowest on a tie, or n when an element is NaN or plus infinity, or none is above minus
  /// infinity. n >= 1. Of 64 elements from 64 i on, those count whose bits are set in allowed[i], the
  /// others are taken as minus infinity, whatever they are; where no bit is set, none is read. Null
  /// allows all.
  size_t (*survey)(const float *x, size_t n, const uint64_t *_Nullable allowed, float *maxima);

  /// weights[i] = exp((x[i] - best) * sharpness), and sums[i] the sum of the 64 weights from 64 i on,
  /// in 16 lanes as in rms_norm. Elements that are not allowed have the weight zero, as in survey; of 64
  /// that are all not allowed, no weight is written, and the sum is zero.
  void (*weigh)(const float *x, size_t n, const uint64_t *_Nullable allowed,
                apus_weighing how, float *weights, float *sums);
} apus_kernels;

typedef enum {
  APUS_LEVEL_PLAIN = 0,
  APUS_LEVEL_AVX2 = 1,
  APUS_LEVEL_AVX512 = 2,  // F, BW, VL, DQ and VNNI
  APUS_LEVEL_NEON = 3,    // with dot products (DotProd)
} apus_level;

/// The table of a level, or null where this processor or build cannot run it: the processor names the
/// instructions, the operating system saves the registers, and a probe run of every function ended
/// without a fault and gave the plain table's bits. The probe runs once per level.
const apus_kernels *_Nullable apus_kernels_for(apus_level level);

/// Floats that apus_attention.scratch must hold.
size_t apus_attention_scratch(size_t rows, size_t heads, size_t head_length, size_t latent_length);

/// Floats of the state of one group, of values of some length.
size_t apus_attention_state(size_t rows, size_t heads, size_t value_length);

/// Groups of which some row of some work sees something.
apus_group_range apus_attention_groups(const apus_attention *work);

/// Bytes of one key-value head's part of a page, a multiple of 64 where D is one of 16.
size_t apus_page_part_bytes(apus_cache_format format, size_t head_length, size_t latent_length);

/// Repacks file rows into panels [first_panel, last_panel). `source` is the tensor in GGUF's layout, [N, K]
/// in blocks of 32 or 256 along K. Returns false, with the row in *bad_row, when a scale is not finite.
bool apus_pack(apus_panel_format format, const uint8_t *source, uint8_t *panels, size_t first_panel,
               size_t last_panel, size_t rows, size_t columns, size_t *bad_row);
/// Bytes of the panels of an [N, K] matrix.
size_t apus_panel_bytes(apus_panel_format format, size_t rows, size_t columns);
/// Decodes row n of packed panels into out [K]: d * (stored - zero) [+ m], by fma(d, q, m) where m exists.
void apus_unpack_row(apus_panel_format format, const uint8_t *panels, size_t row, size_t columns,
                     float *out);

/// Value k of an entry in the table of a format with grids, without its sign or shift.
int apus_grid_value(apus_panel_format format, size_t place, size_t k);

/// Float16 and bfloat16 to float32, exact. Returns false if some value is not finite.
bool apus_widen_half(const uint16_t *source, float *out, size_t n);
bool apus_widen_bfloat(const uint16_t *source, float *out, size_t n);
bool apus_all_finite(const float *x, size_t n);
/// Blocks of a float32 scale and 32 floats of 8 bits to n float32, rounded once.
void apus_widen_e4m3(const void *blocks, float *out, size_t n);
void apus_widen_e5m2(const void *blocks, float *out, size_t n);

/// exp as every kernel computes it: 0 below -87.3, within 2 ulp of the true value elsewhere.
float apus_exp(float x);
/// tanh likewise, within 3 ulp, and erf, within 1.5e-7.
float apus_tanh(float x);
float apus_erf(float x);

/// Reads memory from start to end in a few streams, which prefetchers follow; returns the sum of its
/// words, so that nothing can be left out. `bytes` is a multiple of 256, `base` of 64.
uint64_t apus_read_memory(const void *base, size_t bytes);

/// Whether the compiler optimized these functions.
bool apus_kernels_are_optimized(void);

/// A spin-wait hint to the processor.
static inline void apus_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

#pragma clang assume_nonnull end
#endif
