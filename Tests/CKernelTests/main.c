// Compares every table this machine can run with the plain one, and the plain one with sums in
// double precision that share no code with it.
#include "../../Sources/CKernels/vector_tables.h"
#include "support.h"

#include <signal.h>

int passed, failed;
uint32_t seed = 1;
bool at_front;

static void elsewhere(int number) { (void)number; }

static void test_dispatch(void) {
  struct sigaction mine = {0}, after;
  mine.sa_handler = elsewhere;
  sigaction(SIGILL, &mine, NULL);
  for (int level = 0; level < 3; level++) {
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
  sigaction(SIGILL, NULL, &after);
  CHECK(after.sa_handler == elsewhere, "the probe kept the signal handler");
  CHECK(apus_kernels_for((apus_level)3) == NULL, "a table of no level");
#ifdef __linux__
  CHECK(apus_affinity_count() >= 1, "affinity %d", apus_affinity_count());
#endif
}

int main(void) {
  const apus_kernels *plain = apus_kernels_for(APUS_LEVEL_PLAIN);
  test_dispatch();
  test_definitions(plain);
  test_storage(plain);
  for (int level = 1; level < 3; level++) {
    const apus_kernels *table = apus_kernels_for((apus_level)level);
    for (int front = 0; table && front < 2; front++) {
      at_front = front;
      test_elementwise(plain, table);
      test_products(plain, table);
      test_attention(plain, table);
    }
  }
#ifdef __x86_64__
  // What processors without products of bfloat16 would use.
  const apus_kernels *best = apus_kernels_for(APUS_LEVEL_AVX512);
  if (best != NULL && best != &apus_avx512_kernels) test_attention(plain, &apus_avx512_kernels);
#endif
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
