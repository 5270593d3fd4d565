#ifndef CACHESIMULATOR_H
#define CACHESIMULATOR_H
#include <stdint.h>

/// Set-associative caches, near to far: exact LRU, write-back, write-allocate. Lines are numbered, not addressed.
struct mk_caches;

/// Levels at most, and ways of one.
#define MK_CACHE_LEVELS 8
#define MK_CACHE_WAYS 64

/// NULL without 1 to MK_CACHE_LEVELS levels, at least a set and 1 to MK_CACHE_WAYS ways in each, or memory for them.
struct mk_caches *_Nullable mk_caches_new(long levels, const uint64_t *_Nonnull sets, const uint64_t *_Nonnull ways);
void mk_caches_free(struct mk_caches *_Nonnull caches);
/// Touches `count` lines from `first` on, in order; `writes` is 0 or 1.
void mk_caches_touch(struct mk_caches *_Nonnull caches, uint64_t first, uint64_t count, uint64_t writes);
/// Lines that crossed below a level since the last `mk_caches_reset`, up and down.
uint64_t mk_caches_fills(struct mk_caches *_Nonnull caches, long level);
uint64_t mk_caches_write_backs(struct mk_caches *_Nonnull caches, long level);
/// Writes every dirty line back: near to far, set by set, the most recent line first.
void mk_caches_flush(struct mk_caches *_Nonnull caches);
/// Counts from nought; what is cached stays.
void mk_caches_reset(struct mk_caches *_Nonnull caches);
#endif
