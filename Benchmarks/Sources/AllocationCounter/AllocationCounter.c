// Counts heap allocations by standing in front of glibc's allocator.
#include "AllocationCounter.h"
#include <stddef.h>

#if defined(__GLIBC__) || defined(__linux__)
#include <stdatomic.h>
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
static atomic_long calls;
void *malloc(size_t n) { atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed); return __libc_malloc(n); }
void *calloc(size_t n, size_t m) { atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed); return __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed); return __libc_realloc(p, n); }
long allocation_count(void) { return atomic_load_explicit(&calls, memory_order_relaxed); }
#else
long allocation_count(void) { return -1; }
#endif
