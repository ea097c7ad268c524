// Blocks of SHA-256: the processor's instructions give the plain function's states.
#include "cplatform.h"
#include "support.h"

enum { WORDS = 8, BLOCK = 64, MOST = 9 };

void test_hashing(void) {
  for (size_t blocks = 0; blocks <= MOST; blocks++) {
    guarded data = guard(blocks * BLOCK + 4);
    uint8_t *bytes = data.data;
    for (size_t i = 0; i < blocks * BLOCK + 4; i++) bytes[i] = (uint8_t)next_random();
    guarded states[2] = {guard(WORDS * 4), guard(WORDS * 4)};
    for (int i = 0; i < WORDS; i++) ((uint32_t *)states[0].data)[i] = next_random();
    memcpy(states[1].data, states[0].data, WORDS * 4);
    // From the end, and from an address that no word begins at.
    for (int plain = 0; plain < 2; plain++) {
      apus_sha256(states[plain].data, bytes + 4, blocks, plain);
      if (blocks > 0) apus_sha256(states[plain].data, bytes + 1, blocks, plain);
    }
    CHECK(memcmp(states[0].data, states[1].data, WORDS * 4) == 0, "%zu blocks", blocks);
    release(data), release(states[0]), release(states[1]);
  }
}
