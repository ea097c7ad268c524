// Compares every table this machine can run with the plain one, and the plain one with sums in
// double precision that share no code with it.
#include "../../Sources/CKernels/vector_tables.h"
#include "support.h"

#include <signal.h>
#include <stdlib.h>
#if APUS_HAS_ARM_TABLES
#include <sys/auxv.h>
#endif

int passed, failed;
uint32_t seed = 1;
bool at_front;

enum { LEVELS = APUS_LEVEL_NEON + 1 };

static void elsewhere(int number) { (void)number; }

static void test_dispatch(void) {
  struct sigaction mine = {0}, after;
  mine.sa_handler = elsewhere;
  sigaction(SIGILL, &mine, NULL);
  for (int level = 0; level < LEVELS; level++) {
    const apus_kernels *table = apus_kernels_for((apus_level)level);
    CHECK(table == apus_kernels_for((apus_level)level), "level %d is not stable", level);
    CHECK(level > 0 || table != NULL, "no plain table");
    printf("level %d: %s\n", level, table ? table->name : "not on this machine");
  }
#ifdef __x86_64__
  CHECK(!__builtin_cpu_supports("avx2") || apus_kernels_for(APUS_LEVEL_AVX2), "AVX2 is refused");
  CHECK(!__builtin_cpu_supports("avx512vnni") || apus_kernels_for(APUS_LEVEL_AVX512),
        "AVX-512 is refused");
#endif
#if APUS_HAS_ARM_TABLES
  CHECK(!(getauxval(AT_HWCAP) & HWCAP_ASIMDDP) || apus_kernels_for(APUS_LEVEL_NEON),
        "NEON is refused");
#endif
  sigaction(SIGILL, NULL, &after);
  CHECK(after.sa_handler == elsewhere, "the probe kept the signal handler");
  CHECK(apus_kernels_for((apus_level)LEVELS) == NULL, "a table of no level");
}

// The tests in parts that take about equally long and may run at the same time.
enum { PART_PLAIN, PART_LEVELS, PART_FALLBACK = PART_LEVELS + 2 * (LEVELS - 1), PARTS };

static void run_part(int part) {
  const apus_kernels *plain = apus_kernels_for(APUS_LEVEL_PLAIN);
  if (part == PART_PLAIN) {
    test_dispatch();
    test_definitions(plain);
    test_recurrence_definitions(plain);
    test_storage(plain);
    test_hashing();
  } else if (part < PART_FALLBACK) {
    const apus_kernels *table = apus_kernels_for((apus_level)(1 + (part - PART_LEVELS) / 2));
    if (table == NULL) return;
    at_front = (part - PART_LEVELS) % 2;
    test_elementwise(plain, table);
    test_recurrence(plain, table);
    test_products(plain, table);
    test_attention(plain, table);
    test_training((apus_level)(1 + (part - PART_LEVELS) / 2));
  } else {
#ifdef __x86_64__
    // What processors without products of bfloat16 would use.
    const apus_kernels *best = apus_kernels_for(APUS_LEVEL_AVX512);
    at_front = true;
    if (best != NULL && best != &apus_avx512_kernels) test_attention(plain, &apus_avx512_kernels);
#elif APUS_HAS_ARM_TABLES
    // What processors without products of matrices and of bfloat16 would use.
    const apus_kernels *best = apus_kernels_for(APUS_LEVEL_NEON);
    if (best == NULL || best == &apus_neon_kernels) return;
    at_front = true;
    test_products(plain, &apus_neon_kernels);
    test_attention(plain, &apus_neon_kernels);
#endif
  }
}

// Runs the part whose number is the only argument; `parts` for an argument prints all numbers.
int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "parts") == 0) {
    for (int part = 0; part < PARTS; part++) printf("%d\n", part);
    return 0;
  }
  char *end = NULL;
  const long part = count == 2 ? strtol(arguments[1], &end, 10) : -1;
  if (part < 0 || part >= PARTS || *end != 0) {
    fprintf(stderr, "usage: tests parts | tests PART\n");
    return 64;
  }
  run_part((int)part);
  printf("part %ld: %d passed, %d failed\n", part, passed, failed);
  return failed == 0 ? 0 : 1;
}
