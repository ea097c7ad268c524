// SHA-256 of whole blocks (FIPS 180-4): plain, and with the instructions that processors have for it.
#include "cplatform.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__) && __STDC_HOSTED__
#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif
#endif

enum { BLOCK = 64, ROUNDS = 64, WORDS = 16 };

/// The constants of the rounds, section 4.2.2.
static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotated(uint32_t x, int count) { return x >> count | x << (32 - count); }

static uint32_t word(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void plain_block(uint32_t *state, const uint8_t *data) {
  uint32_t w[WORDS], s[8];
  for (int i = 0; i < WORDS; i++) w[i] = word(data + 4 * i);
  for (int i = 0; i < 8; i++) s[i] = state[i];
  // Unrolled, so that what moves by a place each round stays where it is.
#pragma clang loop unroll(full)
  for (unsigned t = 0; t < ROUNDS; t++) {
    if (t >= WORDS) {
      const uint32_t x = w[(t + 1) % WORDS], y = w[(t + 14) % WORDS];
      w[t % WORDS] += (rotated(x, 7) ^ rotated(x, 18) ^ x >> 3) + w[(t + 9) % WORDS] +
                      (rotated(y, 17) ^ rotated(y, 19) ^ y >> 10);
    }
    const uint32_t a = s[(0 - t) % 8], b = s[(1 - t) % 8], c = s[(2 - t) % 8];
    const uint32_t e = s[(4 - t) % 8], f = s[(5 - t) % 8], g = s[(6 - t) % 8];
    const uint32_t first = s[(7 - t) % 8] + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) +
                           (g ^ (e & (f ^ g))) + constants[t] + w[t % WORDS];
    s[(3 - t) % 8] += first;
    s[(7 - t) % 8] = first + (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) +
                     ((a & b) | (c & (a | b)));
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

#if defined(__x86_64__)
#define HAS_FAST 1
#define FAST __attribute__((target("sha,sse4.1,ssse3")))

static bool is_fast(void) {
  unsigned a, b, c, d;
  const unsigned needed = bit_SSSE3 | bit_SSE4_1;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & needed) != needed) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29) != 0;  // SHA
}

/// The two registers of the state hold a, b, e, f and c, d, g, h, the first in the highest lane.
FAST static void fast_blocks(uint32_t *state, const uint8_t *data, size_t blocks) {
  const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
  const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
  __m128i abef = _mm_alignr_epi8(badc, hgfe, 8), cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
  for (; blocks > 0; blocks--, data += BLOCK) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; i++)
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + 16 * i)), order);
#pragma clang loop unroll(full)
    for (int i = 0; i < ROUNDS / 4; i++) {
      const __m128i k = _mm_loadu_si128((const __m128i *)(constants + 4 * i));
      const __m128i sum = _mm_add_epi32(w[i % 4], k);
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
      if (i >= ROUNDS / 4 - 4) continue;
      const __m128i last = w[(i + 3) % 4];
      const __m128i next = _mm_add_epi32(
          _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]), _mm_alignr_epi8(last, w[(i + 2) % 4], 4));
      w[i % 4] = _mm_sha256msg2_epu32(next, last);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}
#elif defined(__aarch64__) && __STDC_HOSTED__
#define HAS_FAST 1
#define FAST __attribute__((target("sha2")))

static bool is_fast(void) {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & 1 << 6) != 0;  // HWCAP_SHA2
#else
  return true;
#endif
}

FAST static void fast_blocks(uint32_t *state, const uint8_t *data, size_t blocks) {
  uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);
  for (; blocks > 0; blocks--, data += BLOCK) {
    const uint32x4_t abcd_before = abcd, efgh_before = efgh;
    uint32x4_t w[4];
    for (int i = 0; i < 4; i++)
      w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data + 16 * i)));
#pragma clang loop unroll(full)
    for (int i = 0; i < ROUNDS / 4; i++) {
      const uint32x4_t sum = vaddq_u32(w[i % 4], vld1q_u32(constants + 4 * i)), old = abcd;
      abcd = vsha256hq_u32(abcd, efgh, sum);
      efgh = vsha256h2q_u32(efgh, old, sum);
      if (i >= ROUNDS / 4 - 4) continue;
      w[i % 4] = vsha256su1q_u32(
          vsha256su0q_u32(w[i % 4], w[(i + 1) % 4]), w[(i + 2) % 4], w[(i + 3) % 4]);
    }
    abcd = vaddq_u32(abcd, abcd_before);
    efgh = vaddq_u32(efgh, efgh_before);
  }
  vst1q_u32(state, abcd);
  vst1q_u32(state + 4, efgh);
}
#endif

void apus_sha256(uint32_t *state, const void *data, size_t blocks, bool is_plain) {
#if HAS_FAST
  // Asked once: to answer may take a virtual machine longer than to hash. 1 is no, 2 is yes.
  static int known = 0;
  int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (answer == 0) {
    answer = is_fast() ? 2 : 1;
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  if (!is_plain && answer == 2) {
    fast_blocks(state, data, blocks);
    return;
  }
#endif
  for (size_t i = 0; i < blocks; i++) plain_block(state, (const uint8_t *)data + BLOCK * i);
}
