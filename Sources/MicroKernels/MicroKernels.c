#include "MicroKernels.h"

#include <signal.h>
#include <stddef.h>

#pragma clang fp contract(fast)

// CHAINS: accumulators of the peak loop. Latency x pipes need 8 to 10; with factor and addend they must fit the
// registers, 16 below AVX-512: two more and the loop measures spills.
#define SET portable
#define CHAINS 12
#define SET_NAME "portable"
#define W 4
#define MR 4
#define NV 2
#include "Arithmetic.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define SET avx2
#define CHAINS 12
#define SET_NAME "avx2"
#define W 8
#define MR 6
#define NV 2
#include "Arithmetic.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)
#define SET avx512
#define CHAINS 16
#define SET_NAME "avx512"
#define W 16
#define MR 12
#define NV 2
#include "Arithmetic.h"
#pragma clang attribute pop
#elif defined(__aarch64__)
#define SET neon
#define CHAINS 16
#define SET_NAME "neon"
#define W 4
#define MR 8
#define NV 3
#include "Arithmetic.h"
#endif

const struct mk_table *mk_table_at(int level) {
  if (level == 0) return &table_portable;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (level == 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &table_avx2;
  if (level == 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return &table_avx512;
#elif defined(__aarch64__)
  if (level == 1) return &table_neon;
#endif
  return NULL;
}

const struct mk_table *mk_table_best(void) {
  for (int level = 2; level > 0; level--)
    if (mk_table_at(level)) return mk_table_at(level);
  return &table_portable;
}

uint64_t mk_chase(const uint32_t *next, long steps) {
  uint32_t at = 0;
  for (long i = 0; i < steps; i++) at = next[at];
  return at;
}

// Multiplications that wait for each other: three cycles each on every x86-64 since 2008.
double mk_cycles_of_chain(long rounds) {
#if defined(__x86_64__)
  uint64_t x = 3;
  for (long i = 0; i < rounds; i++)
    __asm__ volatile("imulq %0, %0\n imulq %0, %0\n imulq %0, %0\n imulq %0, %0\n"
                     "imulq %0, %0\n imulq %0, %0\n imulq %0, %0\n imulq %0, %0\n" : "+r"(x));
  return 24.0 * (double)rounds;
#else
  (void)rounds;
  return 0;
#endif
}

int mk_is_optimised(void) {
#if defined(__OPTIMIZE__)
  return 1;
#else
  return 0;
#endif
}

static volatile sig_atomic_t interrupted = 0;
static void (*before[2])(int);
static void note_interrupt(int signal_number) {
  interrupted = 1;
  // Who asks twice does not want to wait.
  signal(signal_number, before[signal_number == SIGTERM]);
}
void mk_catch_interrupts(void) {
  before[0] = signal(SIGINT, note_interrupt);
  before[1] = signal(SIGTERM, note_interrupt);
  // Who starts us from a thread that blocks signals hands that on.
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  sigprocmask(SIG_UNBLOCK, &both, NULL);
}
int mk_was_interrupted(void) { return interrupted; }
