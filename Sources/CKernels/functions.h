// The constants of exp, tanh and erf.
#ifndef APUS_FUNCTIONS_H
#define APUS_FUNCTIONS_H

// exp(x) = 2^n * e^r with n the integer nearest x / ln 2 and |r| <= ln 2 / 2. Adding 1.5 * 2^23
// rounds to that integer and leaves it in the sum's low bits. Over the range below, 2^n * e^r is a
// normal number, so n can be added to the exponent field.
#define APUS_EXP_LOWEST (-87.3f)
#define APUS_EXP_HIGHEST 0x1.62e42ep6f  // the largest argument with a finite result
#define APUS_EXP_LOG2E 0x1.715476p0f
#define APUS_EXP_LN2_HIGH 0x1.62e43p-1f  // 21 bits, so that n * high is exact
#define APUS_EXP_LN2_LOW (-0x1.05c61p-29f)
#define APUS_EXP_ROUNDER 0x1.8p23f
// e^r ~ 1 + r + r^2 (c2 + c3 r + c4 r^2 + c5 r^3 + c6 r^4): minimax, relative error 3.1e-9.
#define APUS_EXP_C2 0x1.fffffcp-2f
#define APUS_EXP_C3 0x1.555492p-3f
#define APUS_EXP_C4 0x1.5558f2p-5f
#define APUS_EXP_C5 0x1.123a20p-7f
#define APUS_EXP_C6 0x1.6a23d0p-10f

// Below this magnitude tanh(x) ~ x + x z (c0 + c1 z + ... + c4 z^4), z = x^2: minimax, relative error
// 2.6e-9. From there on, with t = e^(-2 |x|), it is (1 - t) / (1 + t) with the sign of x.
#define APUS_TANH_SMALL 0.6f
#define APUS_TANH_C0 (-0x1.55553ep-2f)
#define APUS_TANH_C1 0x1.1109dcp-3f
#define APUS_TANH_C2 (-0x1.b89ed8p-5f)
#define APUS_TANH_C3 0x1.54e014p-6f
#define APUS_TANH_C4 (-0x1.830be6p-8f)

// Below this magnitude erf(x) ~ x + x (c0 + c1 z + ... + c6 z^6), z = x^2: minimax, error 1.2e-9.
#define APUS_ERF_SMALL 1.0f
#define APUS_ERF_C0 0x1.06eba8p-3f
#define APUS_ERF_C1 (-0x1.81273ep-2f)
#define APUS_ERF_C2 0x1.ce2d20p-4f
#define APUS_ERF_C3 (-0x1.b7fbb4p-6f)
#define APUS_ERF_C4 0x1.5419f4p-8f
#define APUS_ERF_C5 (-0x1.a485e8p-11f)
#define APUS_ERF_C6 0x1.4ae4c6p-14f
// From there on it is 1 - e^q with the sign of x, q = d0 + d1 a + ... + d6 a^6 and a = |x|: minimax,
// error 1.0e-9. Above the magnitude of the end the result is 1.
#define APUS_ERF_END 4.0f
#define APUS_ERF_D0 (-0x1.72e404p-12f)
#define APUS_ERF_D1 (-0x1.2085b2p+0f)
#define APUS_ERF_D2 (-0x1.46c582p-1f)
#define APUS_ERF_D3 (-0x1.a60a94p-4f)
#define APUS_ERF_D4 0x1.654246p-6f
#define APUS_ERF_D5 (-0x1.814d22p-9f)
#define APUS_ERF_D6 0x1.852dc4p-13f

// gelu(x) = h + h f(...), h = x / 2: with f = erf of x / sqrt(2), or f = tanh of
// sqrt(2 / pi) x (1 + 0.044715 x^2).
#define APUS_SQRT_HALF 0x1.6a09e6p-1f
#define APUS_GELU_SLOPE 0x1.988454p-1f  // sqrt(2 / pi)
#define APUS_GELU_CUBE 0x1.6e4e26p-5f   // 0.044715

// ln(1 + t) = 2 atanh(z), z = t / (2 + t), and for 0 <= t <= 1 so 0 <= z <= 1/3: atanh(z) ~ z (1 + c1 z^2 +
// ... + c7 z^14), the series, relative error 1.5e-9.
#define APUS_AREA_TANGENT_C1 0x1.555556p-2f
#define APUS_AREA_TANGENT_C2 0x1.99999ap-3f
#define APUS_AREA_TANGENT_C3 0x1.24924ap-3f
#define APUS_AREA_TANGENT_C4 0x1.c71c72p-4f
#define APUS_AREA_TANGENT_C5 0x1.745d18p-4f
#define APUS_AREA_TANGENT_C6 0x1.3b13b2p-4f
#define APUS_AREA_TANGENT_C7 0x1.111112p-4f

#endif
