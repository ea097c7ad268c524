// Measuring what the memory gives, and what the build does.
#include "ckernels.h"

bool apus_kernels_are_optimized(void) {
#ifdef __OPTIMIZE__
  return true;
#else
  return false;
#endif
}

enum { STREAMS = 4 };

typedef uint64_t words __attribute__((vector_size(32), aligned(32)));

uint64_t apus_read_memory(const void *base, size_t bytes) {
  const words *vectors = base;
  const size_t part = bytes / sizeof(words) / STREAMS;
  words sums[STREAMS] = {{0}};
  for (size_t i = 0; i < part; i++) {
    for (size_t s = 0; s < STREAMS; s++) sums[s] += vectors[s * part + i];
  }
  uint64_t sum = 0;
  for (size_t s = 0; s < STREAMS; s++) {
    for (size_t word = 0; word < sizeof(words) / sizeof(uint64_t); word++) sum += sums[s][word];
  }
  return sum;
}
