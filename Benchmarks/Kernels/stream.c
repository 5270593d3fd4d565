// STREAM's triad in plain C, as long as `rooftree bench stream-triad`: 3 arrays of 16 Mi floats.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(void) {
  long n = 16 << 20;
  float *array[3];
  for (int i = 0; i < 3; i++) {
    array[i] = aligned_alloc(2 << 20, (size_t)n * 4);
#ifdef MADV_HUGEPAGE
    madvise(array[i], (size_t)n * 4, MADV_HUGEPAGE);
#endif
    for (long j = 0; j < n; j++) array[i][j] = (float)j;
  }
  float *restrict a = array[0], *restrict b = array[1], *restrict c = array[2];
  double best = 1e9;
  for (int round = 0; round < 30; round++) {
    double start = now();
    for (long j = 0; j < n; j++) a[j] = b[j] + 3 * c[j];
    double seconds = now() - start;
    if (seconds < best) best = seconds;
  }
  printf("%.9f %f\n", best, (double)a[n / 2]);
}
