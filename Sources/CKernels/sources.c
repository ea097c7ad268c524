// Reading the units of each weight format.
#include "sources.h"

#include "scalar.h"

/// 32 values of 4 bits: positions 0...15 in the low halves of 16 bytes, 16...31 in the high halves.
static void read_nibbles(const uint8_t *bytes, uint8_t *values) {
  for (int k = 0; k < 16; k++) {
    values[k] = bytes[k] & 15;
    values[k + 16] = bytes[k] >> 4;
  }
}

/// Fifth bits of 32 values, position k in bit k.
static void add_fifth_bits(const uint8_t *bytes, uint8_t *values) {
  for (int k = 0; k < APUS_BLOCK; k++) values[k] |= (uint8_t)((bytes[k / 8] >> k % 8 & 1) << 4);
}

static void read_q4_0(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  read_nibbles(bytes + 2, unit->values);
}

static void read_q4_1(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  unit->minimum = apus_load_half_bits(bytes + 2);
  read_nibbles(bytes + 4, unit->values);
}

static void read_q5_0(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  read_nibbles(bytes + 6, unit->values);
  add_fifth_bits(bytes + 2, unit->values);
}

static void read_q5_1(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  unit->minimum = apus_load_half_bits(bytes + 2);
  read_nibbles(bytes + 8, unit->values);
  add_fifth_bits(bytes + 4, unit->values);
}

static void read_q8_0(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  for (int k = 0; k < APUS_BLOCK; k++) unit->values[k] = bytes[2 + k] ^ 0x80;
}

/// 256 values of 2 bits: of each 128, four times 32 share 32 bytes, the first the lowest bits.
static void read_pairs(const uint8_t *bytes, uint8_t *values) {
  for (int k = 0; k < APUS_SUPER_BLOCK; k++) {
    values[k] = bytes[k / 128 * 32 + k % 32] >> (k / 32 % 4 * 2) & 3;
  }
}

static void read_q2_k(const uint8_t *bytes, apus_source_unit *unit) {
  for (int i = 0; i < 16; i++) {
    unit->scales[i] = bytes[i] & 15;
    unit->minima[i] = (int8_t)(bytes[i] >> 4);
  }
  read_pairs(bytes + 16, unit->values);
  unit->numbers[0] = apus_load_half_bits(bytes + 80);
  unit->minimum = apus_load_half_bits(bytes + 82);
}

static void read_q3_k(const uint8_t *bytes, apus_source_unit *unit) {
  read_pairs(bytes + 32, unit->values);
  for (int k = 0; k < APUS_SUPER_BLOCK; k++) {
    unit->values[k] |= (uint8_t)((bytes[k % 32] >> k / 32 & 1) << 2);
  }
  const uint8_t *packed = bytes + 96;
  for (int i = 0; i < 16; i++) {
    int low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
    int high = packed[8 + i % 4] >> (i / 4 * 2) & 3;
    unit->scales[i] = (int8_t)((low | high << 4) - 32);
  }
  unit->numbers[0] = apus_load_half_bits(bytes + 108);
}

/// Eight scales and eight minima of 6 bits in 12 bytes.
static void read_six_bit_pairs(const uint8_t *bytes, apus_source_unit *unit) {
  for (int i = 0; i < 4; i++) {
    unit->scales[i] = bytes[i] & 63;
    unit->minima[i] = bytes[i + 4] & 63;
    unit->scales[i + 4] = (int8_t)((bytes[i + 8] & 15) | bytes[i] >> 6 << 4);
    unit->minima[i + 4] = (int8_t)(bytes[i + 8] >> 4 | bytes[i + 4] >> 6 << 4);
  }
}

/// 256 values of 4 bits: of each 64, the first 32 are the low halves of 32 bytes.
static void read_wide_nibbles(const uint8_t *bytes, uint8_t *values) {
  for (int k = 0; k < APUS_SUPER_BLOCK; k++) {
    values[k] = bytes[k / 64 * 32 + k % 32] >> (k / 32 % 2 * 4) & 15;
  }
}

static void read_q4_k(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  unit->minimum = apus_load_half_bits(bytes + 2);
  read_six_bit_pairs(bytes + 4, unit);
  read_wide_nibbles(bytes + 16, unit->values);
}

static void read_q5_k(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  unit->minimum = apus_load_half_bits(bytes + 2);
  read_six_bit_pairs(bytes + 4, unit);
  read_wide_nibbles(bytes + 48, unit->values);
  const uint8_t *fifth = bytes + 16;
  for (int k = 0; k < APUS_SUPER_BLOCK; k++) {
    unit->values[k] |= (uint8_t)((fifth[k % 32] >> k / 32 & 1) << 4);
  }
}

static void read_q6_k(const uint8_t *bytes, apus_source_unit *unit) {
  const uint8_t *upper = bytes + 128;
  for (int k = 0; k < APUS_SUPER_BLOCK; k++) {
    int low = bytes[k / 128 * 64 + k % 64] >> (k / 64 % 2 * 4) & 15;
    int high = upper[k / 128 * 32 + k % 32] >> (k / 32 % 4 * 2) & 3;
    unit->values[k] = (uint8_t)(low | high << 4);
  }
  __builtin_memcpy(unit->scales, bytes + 192, 16);
  unit->numbers[0] = apus_load_half_bits(bytes + 208);
}

static void read_iq4_xs(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  const int upper = apus_load_half_bits(bytes + 2);
  for (int i = 0; i < 8; i++) {
    int low = bytes[4 + i / 2] >> (i % 2 * 4) & 15;
    unit->scales[i] = (int8_t)((low | (upper >> 2 * i & 3) << 4) - 32);
    read_nibbles(bytes + 8 + 16 * i, unit->values + APUS_BLOCK * i);
  }
}

/// The scale's exponent, of 2^(e - 127) for E2M1 or 2^(e - 128) for twice that, and then the values.
static void read_mxfp4(const uint8_t *bytes, apus_source_unit *unit) {
  const int e = bytes[0];
  // Above 252 the greatest value is no float32; 255 stands for a NaN. Below 2 it is subnormal.
  const int infinity = 0x7f80;
  unit->numbers[0] = (uint16_t)(e > 252 ? infinity : e < 2 ? 0x20 << e : (e - 1) << 7);
  read_nibbles(bytes + 1, unit->values);
}

/// Four scales of 4 bits of exponent and 3 of fraction, without signs, and then values for each.
static void read_nvfp4(const uint8_t *bytes, apus_source_unit *unit) {
  for (int i = 0; i < 4; i++) {
    // Half the scale, for twice the value; 127 stands for 0, as in the program that writes it.
    const int e = bytes[i] >> 3 & 15, f = bytes[i] & 7;
    const float scale = bytes[i] == 127 ? 0 : e == 0 ? (float)f : (float)((8 + f) << (e - 1));
    unit->numbers[i] = apus_bfloat_of_float(scale * 0x1p-10f);
    for (int k = 0; k < 8; k++) {
      const uint8_t pair = bytes[4 + 8 * i + k];
      unit->values[16 * i + k] = pair & 15;
      unit->values[16 * i + k + 8] = pair >> 4;
    }
  }
}

static void read_tq2_0(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes + 64);
  read_pairs(bytes, unit->values);
}

/// Digits to the base 3: a byte is the part behind the point, times 256, of its digits.
static void read_digits(const uint8_t *bytes, int count, int digits, uint8_t *values) {
  for (int k = 0; k < count; k++) {
    unsigned rest = bytes[k];
    for (int n = 0; n < digits; n++) {
      values[n * count + k] = (uint8_t)(rest * 3 >> 8);
      rest = rest * 3 & 255;
    }
  }
}

static void read_tq1_0(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes + 52);
  read_digits(bytes, 32, 5, unit->values);
  read_digits(bytes + 32, 16, 5, unit->values + 160);
  read_digits(bytes + 48, 4, 4, unit->values + 240);
}

static void read_q2_0(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  for (int k = 0; k < 64; k++) unit->values[k] = bytes[2 + k / 4] >> k % 4 * 2 & 3;
}

static void read_q1_0(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  for (int k = 0; k < 128; k++) unit->values[k] = bytes[2 + k / 8] >> k % 8 & 1;
}

/// A float32 scale, a zero, and neighbours in a byte, the first below.
static void read_int4(const uint8_t *bytes, int count, apus_source_unit *unit) {
  __builtin_memcpy(unit->numbers, bytes, sizeof(float));
  unit->zero = bytes[4];
  for (int k = 0; k < count; k++) unit->values[k] = bytes[5 + k / 2] >> k % 2 * 4 & 15;
}

static void read_int4_32(const uint8_t *bytes, apus_source_unit *unit) {
  read_int4(bytes, APUS_BLOCK, unit);
}

static void read_int4_128(const uint8_t *bytes, apus_source_unit *unit) {
  read_int4(bytes, 4 * APUS_BLOCK, unit);
}

static void read_int8_32(const uint8_t *bytes, apus_source_unit *unit) {
  __builtin_memcpy(unit->numbers, bytes, sizeof(float));
  unit->zero = bytes[4];
  __builtin_memcpy(unit->values, bytes + 5, APUS_BLOCK);
}

const apus_source apus_sources[] = {
  [APUS_Q4_0] = {APUS_BLOCK, 18, read_q4_0},
  [APUS_Q4_1] = {APUS_BLOCK, 20, read_q4_1},
  [APUS_Q8_0] = {APUS_BLOCK, 34, read_q8_0},
  [APUS_Q5_0] = {APUS_BLOCK, 22, read_q5_0},
  [APUS_Q5_1] = {APUS_BLOCK, 24, read_q5_1},
  [APUS_Q2_K] = {APUS_SUPER_BLOCK, 84, read_q2_k},
  [APUS_Q3_K] = {APUS_SUPER_BLOCK, 110, read_q3_k},
  [APUS_Q4_K] = {APUS_SUPER_BLOCK, 144, read_q4_k},
  [APUS_Q5_K] = {APUS_SUPER_BLOCK, 176, read_q5_k},
  [APUS_Q6_K] = {APUS_SUPER_BLOCK, 210, read_q6_k},
  [APUS_IQ4_NL] = {APUS_BLOCK, 18, read_q4_0},
  [APUS_IQ4_XS] = {APUS_SUPER_BLOCK, 136, read_iq4_xs},
  [APUS_MXFP4] = {APUS_BLOCK, 17, read_mxfp4},
  [APUS_NVFP4] = {64, 36, read_nvfp4},
  [APUS_TQ2_0] = {APUS_SUPER_BLOCK, 66, read_tq2_0},
  [APUS_TQ1_0] = {APUS_SUPER_BLOCK, 54, read_tq1_0},
  [APUS_Q2_0] = {64, 18, read_q2_0},
  [APUS_Q1_0] = {128, 18, read_q1_0},
  [APUS_INT4_32] = {APUS_BLOCK, 21, read_int4_32},
  [APUS_INT4_128] = {4 * APUS_BLOCK, 69, read_int4_128},
  [APUS_INT8_32] = {APUS_BLOCK, 37, read_int8_32},
  [APUS_IQ2_XXS] = {APUS_SUPER_BLOCK, 66, apus_read_iq2_xxs},
  [APUS_IQ2_XS] = {APUS_SUPER_BLOCK, 74, apus_read_iq2_xs},
  [APUS_IQ2_S] = {APUS_SUPER_BLOCK, 82, apus_read_iq2_s},
  [APUS_IQ3_XXS] = {APUS_SUPER_BLOCK, 98, apus_read_iq3_xxs},
  [APUS_IQ3_S] = {APUS_SUPER_BLOCK, 110, apus_read_iq3_s},
  [APUS_IQ1_S] = {APUS_SUPER_BLOCK, 50, apus_read_iq1_s},
  [APUS_IQ1_M] = {APUS_SUPER_BLOCK, 56, apus_read_iq1_m},
};
