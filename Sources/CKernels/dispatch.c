// Which tables this processor can run.
#include "plain.h"

const apus_kernels *apus_kernels_for(apus_level level) {
  return level == APUS_LEVEL_PLAIN ? &apus_plain_kernels : NULL;
}
