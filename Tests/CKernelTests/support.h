// Counting checks, numbers that look random, and memory with a guard page on either side.
#pragma once

#include "ckernels.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern int passed, failed;

/// Counts a check; the first failures are printed.
#define CHECK(condition, ...)                                   \
  do {                                                          \
    if (condition) {                                            \
      passed++;                                                 \
    } else if (failed++ < 20) {                                 \
      printf("%s:%d: %s: ", __FILE__, __LINE__, #condition);    \
      printf(__VA_ARGS__);                                      \
      printf("\n");                                             \
    }                                                           \
  } while (0)

extern uint32_t seed;

static inline uint32_t next_random(void) {
  seed = seed * 1664525 + 1013904223;
  return seed >> 8 ^ seed << 16;
}

/// Between -1 and 1.
static inline float next_float(void) { return (float)(int32_t)next_random() * 0x1p-31f; }

static inline void fill(float *x, size_t n, float scale) {
  for (size_t i = 0; i < n; i++) x[i] = scale * next_float();
}

/// Equal bits, where one NaN counts as another.
static inline bool same(const float *a, const float *b, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (isnan(a[i]) && isnan(b[i])) continue;
    if (memcmp(a + i, b + i, sizeof *a) != 0) return false;
  }
  return true;
}

/// Memory that ends where an unreadable page starts, or (`at_front`) starts where one ends.
typedef struct {
  char *base;
  size_t whole;
  void *data;
} guarded;

extern bool at_front;

static inline guarded guard(size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t inside = (bytes + page - 1) / page * page;
  guarded memory = {.whole = inside + 2 * page};
  memory.base =
      mmap(NULL, memory.whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(memory.base, page, PROT_NONE);
  mprotect(memory.base + page + inside, page, PROT_NONE);
  memory.data = memory.base + page + (at_front ? 0 : inside - bytes);
  return memory;
}

static inline guarded guard_floats(size_t n, float scale) {
  guarded memory = guard(n * sizeof(float));
  fill(memory.data, n, scale);
  return memory;
}

static inline guarded guard_copy(guarded source, size_t bytes) {
  guarded memory = guard(bytes);
  memcpy(memory.data, source.data, bytes);
  return memory;
}

static inline void release(guarded memory) { munmap(memory.base, memory.whole); }

/// Activations of T rows on guarded memory.
typedef struct {
  guarded digits, scales, sums, half_sums, scaled_sums;
  apus_activations view;
} guarded_activations;

static inline guarded_activations guard_activations(size_t rows, size_t columns) {
  size_t blocks = rows * columns / APUS_BLOCK;
  guarded_activations a = {guard(2 * rows * columns), guard(4 * blocks), guard(4 * blocks),
                           guard(8 * blocks), guard(4 * blocks), {0}};
  a.view = (apus_activations){a.digits.data,    a.scales.data,      a.sums.data,
                              a.half_sums.data, a.scaled_sums.data, columns};
  return a;
}

/// The integer that stands for the activation of row t and column k.
static inline int rounded_value(const apus_activations *a, size_t t, size_t k) {
  const int8_t *high = a->digits + 2 * (t * a->columns + k / APUS_BLOCK * APUS_BLOCK);
  return 128 * high[k % APUS_BLOCK] + high[APUS_BLOCK + k % APUS_BLOCK];
}

static inline void release_activations(guarded_activations a) {
  release(a.digits), release(a.scales), release(a.sums), release(a.half_sums);
  release(a.scaled_sums);
}

/// What a scale is in a file.
typedef enum { HALF, EXPONENT, SINGLE, SMALL, SPREAD } scale_kind;

/// How files keep a weight format: `length` weights in `bytes` bytes, with a scale at `scale` and a
/// float16 at `minimum`, unless that is -1.
typedef struct {
  const char *name;
  size_t length, bytes;
  int scale, minimum;
  scale_kind kind;
} file_format;

enum { FORMATS = APUS_TQ1_0 + 1 };
/// By apus_panel_format.
extern const file_format file_formats[FORMATS];

/// File rows of arbitrary values or (extreme) only the outermost ones, with moderate scales.
guarded make_source(int format, size_t rows, size_t columns, bool extreme);

void test_definitions(const apus_kernels *plain);
void test_storage(const apus_kernels *plain);
void test_hashing(void);
void test_elementwise(const apus_kernels *plain, const apus_kernels *table);
void test_products(const apus_kernels *plain, const apus_kernels *table);
void test_attention(const apus_kernels *plain, const apus_kernels *table);
void test_recurrence(const apus_kernels *plain, const apus_kernels *table);
/// Compares the kernels of training of one level with their plain twins.
void test_training(apus_level level);
void test_recurrence_definitions(const apus_kernels *plain);
