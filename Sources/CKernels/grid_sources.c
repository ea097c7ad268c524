// Reading the units of formats whose values are places in tables: what panels hold of each 32 is put
// together, and scales become odd integers.
#include "formats.h"
#include "scalar.h"
#include "sources.h"

#define PARTS (APUS_SUPER_BLOCK / APUS_BLOCK)

/// The factor of all scales: a float16, times a power of two, which is exact in float32.
static void put_factor(apus_source_unit *unit, uint16_t half, float power) {
  unit->numbers[0] = apus_bits_of_float(apus_float_of_half(half) * power);
}

static uint32_t load_word(const uint8_t *bytes) {
  uint32_t word;
  __builtin_memcpy(&word, bytes, sizeof word);
  return word;
}

/// Four times seven signs become four times eight, whose number is even.
static void put_signs(uint8_t *to, uint32_t signs) {
  for (int l = 0; l < 4; l++) {
    const unsigned seven = signs >> 7 * l & 127;
    to[l] = (uint8_t)(seven | (unsigned)__builtin_parity(seven) << 7);
  }
}

void apus_read_iq2_xxs(const uint8_t *bytes, apus_source_unit *unit) {
  put_factor(unit, apus_load_half_bits(bytes), 0.125f);
  for (int i = 0; i < PARTS; i++) {
    const uint32_t word = load_word(bytes + 2 + 8 * i + 4);
    __builtin_memcpy(unit->values + 8 * i, bytes + 2 + 8 * i, 4);
    put_signs(unit->values + 8 * i + 4, word);
    unit->scales[i] = (int8_t)(2 * (word >> 28) + 1);
  }
}

/// Scales of 16 values each, two in a byte.
static void put_scale_pairs(apus_source_unit *unit, const uint8_t *scales) {
  for (int i = 0; i < 2 * PARTS; i++) {
    unit->scales[i] = (int8_t)(2 * (scales[i / 2] >> i % 2 * 4 & 15) + 1);
  }
}

void apus_read_iq2_xs(const uint8_t *bytes, apus_source_unit *unit) {
  put_factor(unit, apus_load_half_bits(bytes), 0.125f);
  __builtin_memcpy(unit->values, bytes + 2, 64);
  put_scale_pairs(unit, bytes + 66);
}

void apus_read_iq2_s(const uint8_t *bytes, apus_source_unit *unit) {
  put_factor(unit, apus_load_half_bits(bytes), 0.125f);
  for (int i = 0; i < PARTS; i++) {
    uint8_t *to = unit->values + 9 * i;
    __builtin_memcpy(to, bytes + 2 + 4 * i, 4);
    to[4] = bytes[66 + i];
    __builtin_memcpy(to + 5, bytes + 34 + 4 * i, 4);
  }
  put_scale_pairs(unit, bytes + 74);
}

void apus_read_iq3_xxs(const uint8_t *bytes, apus_source_unit *unit) {
  put_factor(unit, apus_load_half_bits(bytes), 0.25f);
  for (int i = 0; i < PARTS; i++) {
    const uint32_t word = load_word(bytes + 66 + 4 * i);
    __builtin_memcpy(unit->values + 12 * i, bytes + 2 + 8 * i, 8);
    put_signs(unit->values + 12 * i + 8, word);
    unit->scales[i] = (int8_t)(2 * (word >> 28) + 1);
  }
}

void apus_read_iq3_s(const uint8_t *bytes, apus_source_unit *unit) {
  put_factor(unit, apus_load_half_bits(bytes), 1);
  for (int i = 0; i < PARTS; i++) {
    uint8_t *to = unit->values + 13 * i;
    __builtin_memcpy(to, bytes + 2 + 8 * i, 8);
    to[8] = bytes[66 + i];
    __builtin_memcpy(to + 9, bytes + 74 + 4 * i, 4);
    unit->scales[i] = (int8_t)(2 * (bytes[106 + i / 2] >> i % 2 * 4 & 15) + 1);
  }
}

void apus_read_iq1_s(const uint8_t *bytes, apus_source_unit *unit) {
  put_factor(unit, apus_load_half_bits(bytes), 0.125f);
  for (int i = 0; i < PARTS; i++) {
    const uint8_t *high = bytes + 34 + 2 * i;
    __builtin_memcpy(unit->values + 6 * i, bytes + 2 + 4 * i, 4);
    __builtin_memcpy(unit->values + 6 * i + 4, high, 2);
    unit->scales[i] = (int8_t)(2 * (high[1] >> 4 & 7) + 1);
  }
}

void apus_read_iq1_m(const uint8_t *bytes, apus_source_unit *unit) {
  unsigned half = 0;
  for (int i = 0; i < 4; i++) {
    const unsigned four = apus_load_half_bits(bytes + 48 + 2 * i);
    // The highest bits of each are a quarter of the factor.
    half |= (four >> 12) << 4 * i;
    for (int k = 0; k < 4; k++) unit->scales[4 * i + k] = (int8_t)(2 * (four >> 3 * k & 7) + 1);
  }
  put_factor(unit, (uint16_t)half, 0.125f);
  for (int i = 0; i < PARTS; i++) {
    __builtin_memcpy(unit->values + 6 * i, bytes + 4 * i, 4);
    __builtin_memcpy(unit->values + 6 * i + 4, bytes + 32 + 2 * i, 2);
  }
}
