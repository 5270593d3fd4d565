// Every micro-kernel of each instruction set beside the portable one, on odd lengths; and the cache simulator's
// counts, which have to be the same on every processor. Exit 1 where a set differs.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "MicroKernels.h"

enum { MOST = 70, ROWS = 9, SIZE = ROWS * MOST * 4 };
static float one[SIZE], two[SIZE], three[SIZE], four[SIZE], got[SIZE], expected[SIZE];
static uint16_t half[SIZE];
static int failures = 0;

static void fill(void) {
  uint32_t state = 1;
  float *arrays[] = {one, two, three, four};
  for (int a = 0; a < 4; a++)
    for (int i = 0; i < SIZE; i++) {
      state = state * 1664525u + 1013904223u;
      arrays[a][i] = (float)(int32_t)state * 0x1p-31f;
    }
  for (int i = 0; i < SIZE; i++) {
    uint32_t bits;
    memcpy(&bits, &one[i], 4);
    half[i] = (uint16_t)(bits >> 16);
  }
}

/// Runs a routine of both tables on the same output, then compares.
#define CHECK(label, n, call)                                                           \
  do {                                                                                  \
    const struct mk_table *t = mk_table_at(0);                                          \
    float *out = expected, plain = 0, value = 0;                                        \
    memcpy(expected, four, sizeof four);                                                \
    memcpy(got, four, sizeof four);                                                     \
    plain = (call);                                                                     \
    t = set, out = got;                                                                 \
    value = (call);                                                                     \
    double worst = fabs((double)value - (double)plain) / (1 + fabs((double)plain));     \
    for (int i = 0; i < SIZE; i++) worst = fmax(worst, fabs((double)got[i] - (double)expected[i])); \
    if (!(worst < 1e-4)) failures++, printf("%s %s, n = %ld: differs by %g\n", set->name, label, (long)(n), worst); \
  } while (0)

static void check(const struct mk_table *set) {
  for (long n = 1; n <= MOST; n++) {
    CHECK("sum", n, t->sum(one, n));
    CHECK("copy", n, (t->copy(out, one, n), 0));
    CHECK("triad", n, (t->triad(out, one, two, 3, n), 0));
    CHECK("maximum", n, t->maximum(one, n));
    CHECK("exponentials", n, t->exponentials(out, n, 0.5f));
    CHECK("scale", n, (t->scale(out, n, 3), 0));
    CHECK("add", n, (t->add(out, one, 0.3f, n), 0));
    CHECK("squares", n, t->squares(one, n));
    CHECK("weigh", n, (t->weigh(out, one, two, 0.7f, n), 0));
    CHECK("silu_mul", n, (t->silu_mul(out, one, two, n), 0));
    CHECK("rotate", n, (t->rotate(out, out + MOST, one, two, n), 0));
    for (long rows = 1; rows <= ROWS; rows++) {
      CHECK("dots", n, (t->dots(one, MOST, rows, two, n, out), 0));
      CHECK("dots_bf16", n, (t->dots_bf16(half, MOST, rows, two, n, out), 0));
      CHECK("dots_four", n, (t->dots_four(one, MOST, rows, two, MOST, n, out, ROWS, one), 0));
      CHECK("combine", n, (t->combine(one, MOST, rows, two, n, out), 0));
      CHECK("combine_four", n, (t->combine_four(one, MOST, rows, two, ROWS, n, out, MOST, one), 0));
    }
  }
  // Tiles differ in size: each against plain sums.
  for (long k = 1; k <= 20; k += 3)
    for (long rows = 1; rows <= set->tile_rows; rows++)
      for (long columns = 1; columns <= set->tile_columns; columns += 5) {
        static float left[20 * 16], right[20 * 64];
        memcpy(got, four, sizeof four);
        set->pack(left, one, rows, k, MOST, 1, set->tile_rows);
        set->pack(right, two, columns, k, 20, 1, set->tile_columns);
        set->tile(k, left, 0, right, got, 64, rows, columns, 1);
        for (long i = 0; i < rows; i++)
          for (long j = 0; j < columns; j++) {
            double sum = (double)four[i * 64 + j];
            for (long p = 0; p < k; p++) sum += (double)one[i * MOST + p] * (double)two[j * 20 + p];
            if (!(fabs(sum - (double)got[i * 64 + j]) < 1e-4)) failures++, printf("%s tile differs\n", set->name);
          }
      }
}

int main(void) {
  fill();
  for (int level = 0; level < 3; level++)
    if (mk_table_at(level)) check(mk_table_at(level)), printf("set %d checked\n", level);
  uint64_t sets[] = {16, 64, 48}, ways[] = {8, 12, 20}, state = 7;
  struct mk_caches *caches = mk_caches_new(3, sets, ways);
  for (int i = 0; caches && i < 200000; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    mk_caches_touch(caches, state >> 52, 1 + (state >> 20 & 15), state >> 40 & 1);
  }
  if (!caches) return 1;
  mk_caches_flush(caches);
  printf("simulator:");
  for (int i = 0; i < 3; i++)
    printf(" %llu %llu", (unsigned long long)mk_caches_fills(caches, i),
           (unsigned long long)mk_caches_write_backs(caches, i));
  printf("\n");
  mk_caches_free(caches);
  return failures > 0;
}
