// Which tables this processor can run.
#include "plain.h"
#include "vector_tables.h"

#if APUS_HAS_VECTOR_TABLES

#include "probe.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

// What the probing thread and the signal handler share; a lock admits one probe at a time.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t prober;
static sigjmp_buf escape;
static struct sigaction previous;

/// Ends the probe when its own thread met an illegal instruction; anybody else's goes where it
/// would have gone.
static void on_illegal_instruction(int signal, siginfo_t *info, void *context) {
  if (pthread_equal(pthread_self(), prober)) siglongjmp(escape, 1);
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    sigaction(signal, &previous, NULL);  // the instruction runs again and ends the process
  } else {
    previous.sa_handler(signal);
  }
}

static bool probe(const apus_kernels *table) {
  volatile bool agrees = false;
  struct sigaction guard = {0};
  guard.sa_sigaction = on_illegal_instruction;
  guard.sa_flags = SA_SIGINFO;
  sigemptyset(&guard.sa_mask);
  prober = pthread_self();
  if (sigaction(SIGILL, NULL, &previous) != 0) return false;
  if (sigsetjmp(escape, 1) == 0) {
    if (sigaction(SIGILL, &guard, NULL) != 0) return false;
    agrees = apus_agrees_with_plain(table);
  }
  sigaction(SIGILL, &previous, NULL);
  return agrees;
}

/// What the processor names and the operating system saves.
static bool is_supported(apus_level level) {
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi2");
  if (level == APUS_LEVEL_AVX2) return avx2;
  return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vnni");
}

/// The best table of a level that runs here, or null.
static const apus_kernels *_Nullable best_table(apus_level level) {
  if (!is_supported(level)) return NULL;
  if (level == APUS_LEVEL_AVX2) return probe(&apus_avx2_kernels) ? &apus_avx2_kernels : NULL;
  static apus_kernels with_bfloats;
  with_bfloats = apus_avx512_kernels;
  with_bfloats.name = "avx512 bf16";
  apus_use_bfloat_attention(&with_bfloats);
  if (__builtin_cpu_supports("avx512bf16") && probe(&with_bfloats)) return &with_bfloats;
  return probe(&apus_avx512_kernels) ? &apus_avx512_kernels : NULL;
}

const apus_kernels *_Nullable apus_kernels_for(apus_level level) {
  static const apus_kernels *tables[APUS_LEVEL_AVX512 + 1];
  static bool is_known[APUS_LEVEL_AVX512 + 1];
  if (level == APUS_LEVEL_PLAIN) return &apus_plain_kernels;
  if (level != APUS_LEVEL_AVX2 && level != APUS_LEVEL_AVX512) return NULL;
  pthread_mutex_lock(&lock);
  if (!is_known[level]) tables[level] = best_table(level);
  is_known[level] = true;
  const apus_kernels *table = tables[level];
  pthread_mutex_unlock(&lock);
  return table;
}

#else

const apus_kernels *_Nullable apus_kernels_for(apus_level level) {
  return level == APUS_LEVEL_PLAIN ? &apus_plain_kernels : NULL;
}

#endif
