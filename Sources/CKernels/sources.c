// Reading the units of each weight format.
#include "sources.h"

#include "scalar.h"

#define SUPER 256

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
  unit->numbers[1] = apus_load_half_bits(bytes + 2);
  read_nibbles(bytes + 4, unit->values);
}

static void read_q5_0(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  read_nibbles(bytes + 6, unit->values);
  add_fifth_bits(bytes + 2, unit->values);
}

static void read_q5_1(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  unit->numbers[1] = apus_load_half_bits(bytes + 2);
  read_nibbles(bytes + 8, unit->values);
  add_fifth_bits(bytes + 4, unit->values);
}

static void read_q8_0(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  for (int k = 0; k < APUS_BLOCK; k++) unit->values[k] = bytes[2 + k] ^ 0x80;
}

/// 256 values of 2 bits: of each 128, four times 32 share 32 bytes, the first the lowest bits.
static void read_pairs(const uint8_t *bytes, uint8_t *values) {
  for (int k = 0; k < SUPER; k++) {
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
  unit->numbers[1] = apus_load_half_bits(bytes + 82);
}

static void read_q3_k(const uint8_t *bytes, apus_source_unit *unit) {
  read_pairs(bytes + 32, unit->values);
  for (int k = 0; k < SUPER; k++) unit->values[k] |= (uint8_t)((bytes[k % 32] >> k / 32 & 1) << 2);
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
  for (int k = 0; k < SUPER; k++) {
    values[k] = bytes[k / 64 * 32 + k % 32] >> (k / 32 % 2 * 4) & 15;
  }
}

static void read_q4_k(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  unit->numbers[1] = apus_load_half_bits(bytes + 2);
  read_six_bit_pairs(bytes + 4, unit);
  read_wide_nibbles(bytes + 16, unit->values);
}

static void read_q5_k(const uint8_t *bytes, apus_source_unit *unit) {
  unit->numbers[0] = apus_load_half_bits(bytes);
  unit->numbers[1] = apus_load_half_bits(bytes + 2);
  read_six_bit_pairs(bytes + 4, unit);
  read_wide_nibbles(bytes + 48, unit->values);
  const uint8_t *fifth = bytes + 16;
  for (int k = 0; k < SUPER; k++) unit->values[k] |= (uint8_t)((fifth[k % 32] >> k / 32 & 1) << 4);
}

static void read_q6_k(const uint8_t *bytes, apus_source_unit *unit) {
  const uint8_t *upper = bytes + 128;
  for (int k = 0; k < SUPER; k++) {
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

const apus_source apus_sources[] = {
  [APUS_Q4_0] = {APUS_BLOCK, 18, read_q4_0},
  [APUS_Q4_1] = {APUS_BLOCK, 20, read_q4_1},
  [APUS_Q8_0] = {APUS_BLOCK, 34, read_q8_0},
  [APUS_Q5_0] = {APUS_BLOCK, 22, read_q5_0},
  [APUS_Q5_1] = {APUS_BLOCK, 24, read_q5_1},
  [APUS_Q2_K] = {SUPER, 84, read_q2_k},
  [APUS_Q3_K] = {SUPER, 110, read_q3_k},
  [APUS_Q4_K] = {SUPER, 144, read_q4_k},
  [APUS_Q5_K] = {SUPER, 176, read_q5_k},
  [APUS_Q6_K] = {SUPER, 210, read_q6_k},
  [APUS_IQ4_NL] = {APUS_BLOCK, 18, read_q4_0},
  [APUS_IQ4_XS] = {SUPER, 136, read_iq4_xs},
  [APUS_MXFP4] = {APUS_BLOCK, 17, read_mxfp4},
};
