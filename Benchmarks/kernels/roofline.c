#include "roofline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "team.h"

#if defined(__AVX512VNNI__)
#include <immintrin.h>
#elif defined(__ARM_FEATURE_DOTPROD)
#include <arm_neon.h>
#endif

typedef uint64_t wide __attribute__((vector_size(64), aligned(64)));

enum { STREAMS = 4 };

typedef struct {
  const wide *base;
  size_t count;  // vectors
} region;

/// Reads the member's share in a few streams, which every prefetcher follows.
static void read_all(void *context, int member, int members, size_t times) {
  const region *all = context;
  size_t share = all->count / (size_t)members, part = share / STREAMS;
  const wide *base = all->base + (size_t)member * share;
  wide sums[STREAMS] = {{0}};
  for (size_t time = 0; time < times; time++) {
    for (size_t i = 0; i < part; i++) {
      for (int s = 0; s < STREAMS; s++) sums[s] += base[(size_t)s * part + i];
    }
    for (int s = 0; s < STREAMS; s++) __asm__ __volatile__("" : : "m"(sums[s]) : "memory");
  }
}

double roofline_bytes_per_second(size_t bytes, int members, double shortest, int runs) {
  bytes = bytes / 4096 * 4096;
  void *memory = aligned_alloc(4096, bytes);
  if (memory == NULL) abort();
  memset(memory, 1, bytes);
  region all = {memory, bytes / sizeof(wide)};
  size_t granule = (size_t)members * STREAMS;
  double seconds = team_seconds(read_all, &all, members, shortest, runs);
  free(memory);
  return (double)(all.count / granule * granule * sizeof(wide)) / seconds;
}

// Chains enough to hide the latency of an instruction, few enough for the registers.
enum { CHAINS = 12, ROUNDS = 1000 };

#if defined(__AVX512VNNI__)

static void multiply_all(void *context, int member, int members, size_t times) {
  __m512i sums[CHAINS], a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(5);
  for (int i = 0; i < CHAINS; i++) sums[i] = _mm512_setzero_si512();
  for (size_t time = 0; time < times * ROUNDS; time++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < CHAINS; i++) {
      sums[i] = _mm512_dpbusd_epi32(sums[i], a, b);
      __asm__ __volatile__("" : "+v"(sums[i]));
    }
  }
}
enum { OPERATIONS = 128 };
const char *roofline_instruction(void) { return "VPDPBUSD, 512 bits"; }

#elif defined(__ARM_FEATURE_DOTPROD)

static void multiply_all(void *context, int member, int members, size_t times) {
  int32x4_t sums[CHAINS];
  int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
  for (int i = 0; i < CHAINS; i++) sums[i] = vdupq_n_s32(0);
  for (size_t time = 0; time < times * ROUNDS; time++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < CHAINS; i++) {
      sums[i] = vdotq_s32(sums[i], a, b);
      __asm__ __volatile__("" : "+w"(sums[i]));
    }
  }
}
enum { OPERATIONS = 32 };
const char *roofline_instruction(void) { return "SDOT, 128 bits"; }

#else

enum { OPERATIONS = 0 };
const char *roofline_instruction(void) { return "none known"; }

#endif

double roofline_operations_per_second(int members, double shortest, int runs) {
#if defined(__AVX512VNNI__) || defined(__ARM_FEATURE_DOTPROD)
  double seconds = team_seconds(multiply_all, NULL, members, shortest, runs);
  return (double)members * CHAINS * ROUNDS * OPERATIONS / seconds;
#else
  return OPERATIONS;
#endif
}
