// Values that files keep as places in tables: unpacking them from panels.
#include "formats.h"
#include "grids_1.h"
#include "grids_2.h"

// The entry of a table whose places have `bits` bits for each of the values.
#define PART(CODE, BITS, I) ((CODE) >> (BITS) * (I) & ((1u << (BITS)) - 1))
#define FOUR(VALUE, CODE, BITS, I)                                                             \
  ((uint64_t)VALUE(PART(CODE, BITS, I)) | (uint64_t)VALUE(PART(CODE, BITS, (I) + 1)) << 8 |    \
   (uint64_t)VALUE(PART(CODE, BITS, (I) + 2)) << 16 |                                          \
   (uint64_t)VALUE(PART(CODE, BITS, (I) + 3)) << 24)
#define EIGHT(VALUE, CODE) (FOUR(VALUE, CODE, 2, 0) | FOUR(VALUE, CODE, 2, 4) << 32)

#define VALUE_OF_IQ2(Q) ((Q) == 0 ? 8 : (Q) == 1 ? 25 : 43)
#define VALUE_OF_IQ3_XXS(Q) ((Q) == 7 ? 62 : 8 * (Q) + 4)
#define VALUE_OF_IQ3_S(Q) (2 * (Q) + 1)
// Eight times the value, plus 128.
#define VALUE_OF_IQ1(Q) (128 + 8 * (Q) - 8)

#define IQ2_ENTRY(CODE) EIGHT(VALUE_OF_IQ2, CODE),
#define IQ3_XXS_ENTRY(CODE) (uint32_t)FOUR(VALUE_OF_IQ3_XXS, CODE, 3, 0),
#define IQ3_S_ENTRY(CODE) (uint32_t)FOUR(VALUE_OF_IQ3_S, CODE, 3, 0),
#define IQ1_ENTRY(CODE) EIGHT(VALUE_OF_IQ1, CODE),

static const uint64_t iq2_xxs_grid[256] = {APUS_IQ2_XXS_GRID(IQ2_ENTRY)};
static const uint64_t iq2_xs_grid[512] = {APUS_IQ2_XS_GRID(IQ2_ENTRY)};
static const uint64_t iq2_s_grid[1024] = {APUS_IQ2_S_GRID(IQ2_ENTRY)};
static const uint32_t iq3_xxs_grid[256] = {APUS_IQ3_XXS_GRID(IQ3_XXS_ENTRY)};
static const uint32_t iq3_s_grid[512] = {APUS_IQ3_S_GRID(IQ3_S_ENTRY)};
static const uint64_t iq1_grid[2048] = {APUS_IQ1_GRID(IQ1_ENTRY)};

#define BYTES(VALUE) ((VALUE) * 0x0101010101010101u)

/// Eight values of a grid, less those whose bits are set, plus 128.
static inline uint64_t with_signs(uint64_t values, uint8_t signs) {
  // Bit i is spread over byte i; no byte overflows into the next, for no value is 0.
  const uint64_t bits = BYTES((uint64_t)signs) & 0x8040201008040201u;
  const uint64_t negative = ((bits + BYTES(0x7fu)) | bits) >> 7 & BYTES(1u);
  return ((values ^ negative * 255) + negative) ^ BYTES(0x80u);
}

/// Seven signs, and the eighth that makes their number even.
static inline uint8_t eight_signs(unsigned seven) {
  return (uint8_t)(seven | (unsigned)__builtin_parity(seven) << 7);
}

/// Positions 8 l ... 8 l + 7 of eight values go into a plane's column.
static inline void put_eight(uint8_t *plane, int l, uint64_t values) {
  const uint32_t first = (uint32_t)values, second = (uint32_t)(values >> 32);
  __builtin_memcpy(plane + 128 * l, &first, sizeof first);
  __builtin_memcpy(plane + 128 * l + 64, &second, sizeof second);
}

static inline uint64_t eight_of_iq2_xxs(const uint8_t *column, int l) {
  return with_signs(iq2_xxs_grid[column[l]], column[4 + l]);
}

static inline uint64_t eight_of_iq2_xs(const uint8_t *column, int l) {
  const unsigned pair = column[2 * l] | (unsigned)column[2 * l + 1] << 8;
  return with_signs(iq2_xs_grid[pair & 511], eight_signs(pair >> 9));
}

static inline uint64_t eight_of_iq2_s(const uint8_t *column, int l) {
  const unsigned high = column[4] >> 2 * l & 3;
  return with_signs(iq2_s_grid[column[l] | high << 8], column[5 + l]);
}

static inline uint64_t eight_of_iq3_xxs(const uint8_t *column, int l) {
  const uint64_t second = iq3_xxs_grid[column[2 * l + 1]];
  return with_signs(iq3_xxs_grid[column[2 * l]] | second << 32, column[8 + l]);
}

static inline uint64_t eight_of_iq3_s(const uint8_t *column, int l) {
  const unsigned high = column[8] >> 2 * l;
  const uint64_t second = iq3_s_grid[column[2 * l + 1] | (high & 2) << 7];
  return with_signs(iq3_s_grid[column[2 * l] | (high & 1) << 8] | second << 32, column[9 + l]);
}

/// Eight times a value of the grid, plus or minus 1.
static inline uint64_t with_shift(unsigned place, bool down) {
  return iq1_grid[place] + (down ? -BYTES(1u) : BYTES(1u));
}

static inline uint64_t eight_of_iq1_s(const uint8_t *column, int l) {
  const unsigned high = column[4] | (unsigned)column[5] << 8;
  return with_shift(column[l] | (high >> 3 * l & 7) << 8, high >> 15);
}

static inline uint64_t eight_of_iq1_m(const uint8_t *column, int l) {
  const unsigned high = column[4 + l / 2] >> l % 2 * 4;
  return with_shift(column[l] | (high & 7) << 8, high & 8);
}

#define DEFINE_UNPACK(NAME, BYTES_OF_COLUMN)                                                    \
  void apus_unpack_##NAME(const uint8_t *block, size_t first, size_t count, uint8_t *plane) {   \
    for (size_t c = 0; c < count; c++) {                                                        \
      const uint8_t *column = block + (first + c) * BYTES_OF_COLUMN;                            \
      for (int l = 0; l < 4; l++) put_eight(plane + 4 * c, l, eight_of_##NAME(column, l));      \
    }                                                                                           \
  }
DEFINE_UNPACK(iq2_xxs, 8)
DEFINE_UNPACK(iq2_xs, 8)
DEFINE_UNPACK(iq2_s, 9)
DEFINE_UNPACK(iq3_xxs, 12)
DEFINE_UNPACK(iq3_s, 13)
DEFINE_UNPACK(iq1_s, 6)
DEFINE_UNPACK(iq1_m, 6)

int apus_grid_value(apus_panel_format format, size_t place, size_t k) {
  switch (format) {
    case APUS_IQ2_XXS: return iq2_xxs_grid[place] >> 8 * k & 255;
    case APUS_IQ2_XS: return iq2_xs_grid[place] >> 8 * k & 255;
    case APUS_IQ2_S: return iq2_s_grid[place] >> 8 * k & 255;
    case APUS_IQ3_XXS: return iq3_xxs_grid[place] >> 8 * k & 255;
    case APUS_IQ3_S: return iq3_s_grid[place] >> 8 * k & 255;
    case APUS_IQ1_S:
    case APUS_IQ1_M: return ((int)(iq1_grid[place] >> 8 * k & 255) - 128) / 8;
    default: return 0;
  }
}
