// Which tables this processor can run.
#include "plain.h"
#include "vector_tables.h"

#if APUS_HAS_X86_TABLES || (APUS_HAS_ARM_TABLES && __STDC_HOSTED__)

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

#if APUS_HAS_X86_TABLES

/// What the processor names and the operating system saves.
static bool is_supported(apus_level level) {
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi2");
  if (level == APUS_LEVEL_AVX2) return avx2;
  return level == APUS_LEVEL_AVX512 && avx2 && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
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

#else

#include <sys/auxv.h>

// Older C libraries do not name all of these bits.
#ifndef HWCAP_ASIMDDP
#define HWCAP_ASIMDDP (1UL << 20)
#endif
#ifndef HWCAP2_I8MM
#define HWCAP2_I8MM (1UL << 13)
#endif
#ifndef HWCAP2_BF16
#define HWCAP2_BF16 (1UL << 14)
#endif

/// The best table of a level that runs here, or null. The system names only instructions whose
/// registers it saves.
static const apus_kernels *_Nullable best_table(apus_level level) {
  if (level != APUS_LEVEL_NEON || !(getauxval(AT_HWCAP) & HWCAP_ASIMDDP)) return NULL;
  const bool matrices = getauxval(AT_HWCAP2) & HWCAP2_I8MM;
  const bool bfloats = getauxval(AT_HWCAP2) & HWCAP2_BF16;
  static apus_kernels extended;
  extended = apus_neon_kernels;
  if (matrices) apus_use_matrix_products(&extended);
  if (bfloats) apus_use_bfloat_attention(&extended);
  extended.name = !matrices ? "neon bf16" : bfloats ? "neon i8mm bf16" : "neon i8mm";
  if ((matrices || bfloats) && probe(&extended)) return &extended;
  return probe(&apus_neon_kernels) ? &apus_neon_kernels : NULL;
}

#endif

const apus_kernels *_Nullable apus_kernels_for(apus_level level) {
  enum { LEVELS = APUS_LEVEL_NEON + 1 };
  static const apus_kernels *tables[LEVELS];
  static bool is_known[LEVELS];
  if (level == APUS_LEVEL_PLAIN) return &apus_plain_kernels;
  if ((unsigned)level >= LEVELS) return NULL;
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
