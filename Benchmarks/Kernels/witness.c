// The kernels' micro-kernels over the witnesses' shapes, for cachegrind; valgrind knows the portable set.
#include <stdlib.h>
#include <string.h>

#include "MicroKernels.h"

int main(int count, char **arguments) {
  const struct mk_table *table = mk_table_at(0);
  const char *which = count > 1 ? arguments[1] : "none";
  long elements = 1024 * 1024;
  float *x = aligned_alloc(4096, (size_t)elements * 4), *y = aligned_alloc(4096, 8192), *z = aligned_alloc(4096, 8192);
  // Pages of zeros: nothing is touched before the kernel but these two.
  memset(y, 0, 8192);
  if (!strcmp(which, "stream-read")) y[0] = table->sum(x, 200000);
  if (!strcmp(which, "gemv")) table->dots(x, 1024, 1024, y, 1024, z);
  if (!strcmp(which, "gemv-bf16")) table->dots_bf16((uint16_t *)x, 1024, 1024, y, 1024, z);
  return y[0] > 1;
}
