#ifndef MICROKERNELS_H
#define MICROKERNELS_H
#include <stdint.h>

#include "CacheSimulator.h"
#include "DotProducts.h"
#include "HardwareCounters.h"

/// Elements of x up to which `dots` takes it to stay in the nearest cache while rows stream past, and up to which
/// rows are short.
#define MK_NEAR 6144
#define MK_SHORT 512

/// Elements from which `sum` reads four streams at once: far memory gives them a tenth more than one.
#define MK_FAR 1048576

/// One instruction set's routines. All pointers may be unaligned; lengths are elements.
struct __attribute__((swift_attr("@Sendable"))) mk_table {
  const char *_Nonnull name;
  /// Floats in a vector; rows and columns of the product tile.
  long lanes, tile_rows, tile_columns;
  /// Runs `iterations` rounds of `peak_flops` independent multiply-adds × 2; returns what they came to.
  float (*_Nonnull peak)(long iterations, float seed);
  double (*_Nonnull peak64)(long iterations, double seed);
  long peak_flops, peak64_flops;
  float (*_Nonnull sum)(const float *_Nonnull x, long n);
  void (*_Nonnull copy)(float *_Nonnull to, const float *_Nonnull from, long n);
  /// to = b + s·c
  void (*_Nonnull triad)(float *_Nonnull to, const float *_Nonnull b, const float *_Nonnull c, float s, long n);
  /// Packs `rows` rows (strides in elements) of k into a panel k × width, zero beyond `rows`.
  void (*_Nonnull pack)(float *_Nonnull to, const float *_Nonnull from, long rows, long k, long row_stride,
                        long k_stride, long width);
  /// C[rows × columns] (+)= A panel · B panel over k; A is packed when `a_stride` is 0, else rows at that stride.
  void (*_Nonnull tile)(long k, const float *_Nonnull a, long a_stride, const float *_Nonnull b,
                        float *_Nonnull c, long ldc, long rows, long columns, int accumulate);
  /// y[i] = rows[i] · x
  void (*_Nonnull dots)(const float *_Nonnull rows, long stride, long count, const float *_Nonnull x, long n,
                        float *_Nonnull y);
  void (*_Nonnull dots_bf16)(const uint16_t *_Nonnull rows, long stride, long count, const float *_Nonnull x,
                             long n, float *_Nonnull y);
  /// y[q][i] = rows[i] · x[q], q in 0..<4; rows that lie like these at `next` are asked for meanwhile.
  void (*_Nonnull dots_four)(const float *_Nonnull rows, long stride, long count, const float *_Nonnull x,
                             long x_stride, long n, float *_Nonnull y, long y_stride,
                             const float *_Nonnull next);
  /// y += Σ p[i] · rows[i]
  void (*_Nonnull combine)(const float *_Nonnull rows, long stride, long count, const float *_Nonnull p,
                           long n, float *_Nonnull y);
  /// y[q] += Σ p[q][i] · rows[i], q in 0..<4
  void (*_Nonnull combine_four)(const float *_Nonnull rows, long stride, long count, const float *_Nonnull p,
                                long p_stride, long n, float *_Nonnull y, long y_stride,
                                const float *_Nonnull next);
  float (*_Nonnull maximum)(const float *_Nonnull x, long n);
  /// x = e^(x − shift), returns its sum.
  float (*_Nonnull exponentials)(float *_Nonnull x, long n, float shift);
  void (*_Nonnull scale)(float *_Nonnull x, long n, float s);
  void (*_Nonnull add)(float *_Nonnull x, const float *_Nonnull y, float s, long n);
  float (*_Nonnull squares)(const float *_Nonnull x, long n);
  /// y = x · s · weight
  void (*_Nonnull weigh)(float *_Nonnull y, const float *_Nonnull x, const float *_Nonnull weight, float s,
                         long n);
  /// y = g / (1 + e^−g) · u
  void (*_Nonnull silu_mul)(float *_Nonnull y, const float *_Nonnull g, const float *_Nonnull u, long n);
  /// (a, b) turned by the angle whose cosine and sine are given
  void (*_Nonnull rotate)(float *_Nonnull a, float *_Nonnull b, const float *_Nonnull cosine,
                          const float *_Nonnull sine, long n);
};

/// Instruction sets, weakest first: 0 portable, 1 avx2 or neon, 2 avx512. NULL where this processor lacks it.
const struct mk_table *_Nullable mk_table_at(int level);
/// The last of them that this processor runs.
const struct mk_table *_Nonnull mk_table_best(void);
/// Reads memory through a pointer chase of `steps` steps; the latency of what it walks in.
uint64_t mk_chase(const uint32_t *_Nonnull next, long steps);
/// Runs a chain of dependent instructions; the cycles it takes, or 0 where that is not known.
double mk_cycles_of_chain(long rounds);
/// Without optimisation these loops measure the build and not the machine.
int mk_is_optimised(void);
/// From here on an interrupt or a request to end is noted instead of obeyed, so that work can be kept.
void mk_catch_interrupts(void);
int mk_was_interrupted(void);
#endif
