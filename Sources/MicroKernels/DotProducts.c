// Peaks of dot products: independent accumulators in registers, nothing loaded or stored.
#include "DotProducts.h"

#include <stddef.h>

// The empty assembly keeps each accumulator in a register and the loop from being folded.
#define LOOP(NAME, TARGET, V, CHAINS, STEP, CONSTRAINT)                                             \
  __attribute__((target(TARGET))) static void NAME(long n) {                                        \
    V x[CHAINS], a, b;                                                                              \
    __builtin_memset(&x, 0, sizeof x);                                                              \
    __builtin_memset(&a, 0, sizeof a);                                                              \
    __builtin_memset(&b, 0, sizeof b);                                                              \
    __asm__ volatile("" : "+" CONSTRAINT(a), "+" CONSTRAINT(b));                                    \
    for (; n > 0; n--) {                                                                            \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) {                         \
        x[i] = STEP;                                                                                \
        __asm__ volatile("" : "+" CONSTRAINT(x[i]));                                                \
      }                                                                                             \
    }                                                                                               \
  }
// Operations of a loop: each lane of the accumulator takes `deep` products a step.
#define UNIT(NAME, V, LANE, CHAINS, DEEP) {#NAME, (double)(sizeof(V) / (LANE)) * (CHAINS) * (DEEP) * 2, NAME}

#if defined(__x86_64__)
#include <immintrin.h>

LOOP(avx512_vnni, "avx512f,avx512vnni", __m512i, 16, _mm512_dpbusd_epi32(x[i], a, b), "v")
LOOP(avx_vnni, "avx2,avxvnni", __m256i, 12, _mm256_dpbusd_avx_epi32(x[i], a, b), "x")
// Pairs of bytes into 16 bits, which kernels widen now and then: two instructions, the fewest that anyone needs.
LOOP(avx2_maddubs, "avx2", __m256i, 12, _mm256_add_epi16(x[i], _mm256_maddubs_epi16(a, b)), "x")
LOOP(avx512_bf16, "avx512f,avx512bf16", __m512, 16, _mm512_dpbf16_ps(x[i], (__m512bh)a, (__m512bh)b), "v")
LOOP(avx512_fp16, "avx512f,avx512fp16", __m512h, 16, _mm512_fmadd_ph(a, b, x[i]), "v")

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

/// arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA): Linux hands tiles out on request.
static int tiles_are_allowed(void) { return syscall(SYS_arch_prctl, 0x1023, 18) == 0; }

// Four sums of 16 × 16, from two tiles each way.
#define TILES(NAME, TARGET, STEP)                                                                  \
  __attribute__((target(TARGET ",amx-tile"))) static void NAME(long n) {                           \
    struct { unsigned char palette, start, zero[14]; unsigned short bytes[16]; unsigned char rows[16]; } shape = {1}; \
    for (int i = 0; i < 8; i++) shape.bytes[i] = 64, shape.rows[i] = 16;                            \
    _tile_loadconfig(&shape);                                                                       \
    _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3);                                     \
    _tile_zero(4); _tile_zero(5); _tile_zero(6); _tile_zero(7);                                     \
    for (; n > 0; n--) { STEP(0, 4, 6); STEP(1, 4, 7); STEP(2, 5, 6); STEP(3, 5, 7); }              \
    _tile_release();                                                                                \
  }
TILES(amx_int8, "amx-int8", _tile_dpbusd)
TILES(amx_bf16, "amx-bf16", _tile_dpbf16ps)
#endif

const struct mk_dot_unit *mk_dot_unit(enum mk_dot_format format) {
  static const struct mk_dot_unit vnni512 = UNIT(avx512_vnni, __m512i, 4, 16, 4);
  static const struct mk_dot_unit vnni = UNIT(avx_vnni, __m256i, 4, 12, 4);
  static const struct mk_dot_unit maddubs = UNIT(avx2_maddubs, __m256i, 2, 12, 2);
  static const struct mk_dot_unit bf16 = UNIT(avx512_bf16, __m512, 4, 16, 2);
  static const struct mk_dot_unit fp16 = UNIT(avx512_fp16, __m512h, 2, 16, 1);
#if defined(__linux__)
  static const struct mk_dot_unit tile_int8 = {"amx_int8", 4.0 * 16 * 16 * 64 * 2, amx_int8};
  static const struct mk_dot_unit tile_bf16 = {"amx_bf16", 4.0 * 16 * 16 * 32 * 2, amx_bf16};
#endif
  __builtin_cpu_init();
  switch (format) {
  case MK_DOT_INT8:
#if defined(__linux__)
    if (__builtin_cpu_supports("amx-int8") && tiles_are_allowed()) return &tile_int8;
#endif
    if (__builtin_cpu_supports("avx512vnni")) return &vnni512;
    if (__builtin_cpu_supports("avxvnni")) return &vnni;
    return __builtin_cpu_supports("avx2") ? &maddubs : NULL;
  case MK_DOT_BF16:
#if defined(__linux__)
    if (__builtin_cpu_supports("amx-bf16") && tiles_are_allowed()) return &tile_bf16;
#endif
    return __builtin_cpu_supports("avx512bf16") ? &bf16 : NULL;
  case MK_DOT_FP16: return __builtin_cpu_supports("avx512fp16") ? &fp16 : NULL;
  }
  return NULL;
}

#elif defined(__aarch64__)
#include <arm_neon.h>

LOOP(neon_i8mm, "i8mm", int32x4_t, 16, vmmlaq_s32(x[i], (int8x16_t)a, (int8x16_t)b), "w")
LOOP(neon_dotprod, "dotprod", int32x4_t, 16, vdotq_s32(x[i], (int8x16_t)a, (int8x16_t)b), "w")
LOOP(neon_bf16, "bf16", float32x4_t, 16, vbfmmlaq_f32(x[i], (bfloat16x8_t)a, (bfloat16x8_t)b), "w")
LOOP(neon_fp16, "fullfp16", float16x8_t, 16, vfmaq_f16(x[i], a, b), "w")

#if defined(__APPLE__)
#include <sys/sysctl.h>
static int has(const char *feature) {
  int value = 0;
  size_t size = sizeof value;
  return sysctlbyname(feature, &value, &size, NULL, 0) == 0 && value;
}
#define HAS(NAME, WORD, BIT) has("hw.optional.arm.FEAT_" NAME)
#elif defined(__linux__)
#include <sys/auxv.h>
// Bits of the kernel's hwcap words, Documentation/arch/arm64/elf_hwcaps.rst; the second word is AT_HWCAP2, 26.
#define HAS(NAME, WORD, BIT) (getauxval((WORD) == 1 ? 16 : 26) >> (BIT) & 1)
#else
#define HAS(NAME, WORD, BIT) 0
#endif

const struct mk_dot_unit *mk_dot_unit(enum mk_dot_format format) {
  // A matrix instruction multiplies 2 × 8 by 8 × 2 bytes, or 2 × 4 by 4 × 2 halves: 8 or 4 a lane of its sums.
  static const struct mk_dot_unit i8mm = UNIT(neon_i8mm, int32x4_t, 4, 16, 8);
  static const struct mk_dot_unit dotprod = UNIT(neon_dotprod, int32x4_t, 4, 16, 4);
  static const struct mk_dot_unit bf16 = UNIT(neon_bf16, float32x4_t, 4, 16, 4);
  static const struct mk_dot_unit fp16 = UNIT(neon_fp16, float16x8_t, 2, 16, 1);
  switch (format) {
  case MK_DOT_INT8: return HAS("I8MM", 2, 13) ? &i8mm : HAS("DotProd", 1, 20) ? &dotprod : NULL;
  case MK_DOT_BF16: return HAS("BF16", 2, 14) ? &bf16 : NULL;
  case MK_DOT_FP16: return HAS("FP16", 1, 10) ? &fp16 : NULL;
  }
  return NULL;
}

#else
const struct mk_dot_unit *mk_dot_unit(enum mk_dot_format format) {
  (void)format;
  return NULL;
}
#endif
