// Every access takes the same straight path, hit or miss: tags lie in order of use, a vector compare finds the one
// wanted, and it and those before it are replaced by themselves moved one place; after a miss that is all of them.
// What the next level is asked is appended to a list whether or not its end then moves. A level sees the same
// requests in the same order as if each were passed on at once, so lists may wait.
#include "CacheSimulator.h"

#include <stdlib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define QUEUE 1024

/// A request, and a tag: (line + 1) · 2 + dirty, so that 0 is an empty way. A dirty request is a whole line written
/// back from above, which asks for no fill.
struct level {
  uint64_t *tags;
  /// Words from set to set: 8 or 16, or 0 where the ways stand close and `access_wide` has to do.
  uint64_t sets, ways, stride, fills, write_backs;
};

struct mk_caches {
  void (*touch)(struct mk_caches *, uint64_t first, uint64_t count, uint64_t writes);
  void (*pass)(struct mk_caches *, long level, const uint64_t *requests, long count);
  long levels, queued;
  struct level level[MK_CACHE_LEVELS];
  /// What the nearest level has asked of the next one.
  uint64_t queue[QUEUE];
};

typedef uint64_t eight __attribute__((ext_vector_type(8)));
typedef _Bool eight_bits __attribute__((ext_vector_type(8)));

INLINE uint64_t equal(const eight *tags, uint64_t wanted) {
  eight_bits equal = __builtin_convertvector(*tags == wanted, eight_bits);
  uint8_t bits;
  memcpy(&bits, &equal, 1);
  return bits;
}

/// Replaces the tags whose bit is set by those of `from`. Vectors go by pointer: by value they differ between sets.
INLINE void replace(eight *tags, const eight *from, uint64_t bits) {
  uint8_t low = (uint8_t)bits;
  eight_bits lanes;
  memcpy(&lanes, &low, 1);
  eight mask = -__builtin_convertvector(lanes, eight);
  *tags = (*from & mask) | (*tags & ~mask);
}

/// One access to a level of up to 16 ways, its sets a power of two; `out` takes up to two requests, their count is returned.
INLINE long access(const struct level *level, uint64_t stride, uint64_t line, uint64_t dirty, uint64_t fetches,
                   uint64_t *out, uint64_t *write_backs) {
  uint64_t *words = level->tags + (line & (level->sets - 1)) * stride, wanted = (line + 1) << 1;
  uint64_t oldest = words[level->ways - 1], all = ((uint64_t)1 << level->ways) - 1;
  eight *tags = (eight *)words, one = tags[0];
  uint64_t clean = equal(tags, wanted), written = equal(tags, wanted | 1);
  if (stride == 16) {
    clean |= equal(tags + 1, wanted) << 8;
    written |= equal(tags + 1, wanted | 1) << 8;
  }
  uint64_t hits = clean | written, miss = hits == 0, evicted = miss & oldest & 1;
  // The hit's bit and all below it; every bit without a hit.
  uint64_t moved = (hits ^ (hits - 1)) & all;
  eight entry = wanted | dirty | (written != 0);
  eight near = __builtin_shufflevector(entry, one, 0, 8, 9, 10, 11, 12, 13, 14);
  replace(tags, &near, moved);
  if (stride == 16) {
    eight far = __builtin_shufflevector(one, tags[1], 7, 8, 9, 10, 11, 12, 13, 14);
    replace(tags + 1, &far, moved >> 8);
  }
  out[0] = oldest;
  out[evicted] = wanted;
  *write_backs += evicted;
  return (long)(evicted + (miss & fetches));
}

/// The same for any number of ways and sets.
static long access_wide(const struct level *level, uint64_t line, uint64_t dirty, uint64_t fetches, uint64_t *out,
                        uint64_t *write_backs) {
  uint64_t *tags = level->tags + line % level->sets * level->ways, wanted = (line + 1) << 1;
  uint64_t way = 0, last = level->ways - 1;
  while (way < last && (tags[way] & ~(uint64_t)1) != wanted) way++;
  uint64_t before = tags[way], miss = (before & ~(uint64_t)1) != wanted, evicted = miss & before & 1;
  memmove(tags + 1, tags, way * sizeof *tags);
  tags[0] = wanted | dirty | (miss ? 0 : before & 1);
  out[0] = before;
  out[evicted] = wanted;
  *write_backs += evicted;
  return (long)(evicted + (miss & fetches));
}

INLINE uint64_t width(const struct level *level) { return level->stride ? level->stride : level->ways; }

/// Runs statements, which have `stride` and `level`, with constants for the common strides.
#define BY_STRIDE(...)                                             \
  if (level.stride == 8) { enum { stride = 8 }; __VA_ARGS__ }             \
  else if (level.stride == 16) { enum { stride = 16 }; __VA_ARGS__ }      \
  else { enum { stride = 0 }; __VA_ARGS__ }
#define ACCESS(line, dirty, fetches, out)                                              \
  (stride ? access(&level, stride, line, dirty, fetches, out, &write_backs)            \
          : access_wide(&level, line, dirty, fetches, out, &write_backs))

INLINE void pass(struct mk_caches *caches, long index, const uint64_t *requests, long count) {
  const struct level level = caches->level[index];
  while (count > 0) {
    uint64_t out[QUEUE + 2], write_backs = 0;
    long some = count < QUEUE / 2 ? count : QUEUE / 2, asked = 0;
    BY_STRIDE(for (long i = 0; i < some; i++) {
      uint64_t dirty = requests[i] & 1;
      asked += ACCESS((requests[i] >> 1) - 1, dirty, !dirty, out + asked);
    })
    caches->level[index].write_backs += write_backs;
    caches->level[index].fills += (uint64_t)asked - write_backs;
    if (asked && index + 1 < caches->levels) caches->pass(caches, index + 1, out, asked);
    requests += some;
    count -= some;
  }
}

static void drain(struct mk_caches *caches) {
  if (caches->levels > 1) caches->pass(caches, 1, caches->queue, caches->queued);
  caches->queued = 0;
}

INLINE void touch(struct mk_caches *caches, uint64_t first, uint64_t count, uint64_t writes) {
  const struct level level = caches->level[0];
  while (count > 0) {
    // Room for two requests of every access and for one that is not kept.
    uint64_t room = (uint64_t)(QUEUE - 2 - caches->queued) / 2, some = count < room ? count : room;
    uint64_t *queue = caches->queue, write_backs = 0;
    long queued = caches->queued, before = queued;
    BY_STRIDE(for (uint64_t i = 0; i < some; i++) queued += ACCESS(first + i, writes, 1, queue + queued);)
    caches->level[0].write_backs += write_backs;
    caches->level[0].fills += (uint64_t)(queued - before) - write_backs;
    caches->queued = queued;
    if (queued > QUEUE / 2) drain(caches);
    first += some;
    count -= some;
  }
}

#define SIMULATOR(SET, TARGET)                                                                          \
  TARGET static void touch_##SET(struct mk_caches *c, uint64_t f, uint64_t n, uint64_t w) { touch(c, f, n, w); } \
  TARGET static void pass_##SET(struct mk_caches *c, long i, const uint64_t *r, long n) { pass(c, i, r, n); }
SIMULATOR(portable, )
#if defined(__x86_64__)
SIMULATOR(avx2, __attribute__((target("avx2,bmi,bmi2"))))
SIMULATOR(avx512, __attribute__((target("avx2,bmi,bmi2,avx512f,avx512bw,avx512dq,avx512vl"))))
#endif

static void choose(struct mk_caches *caches) {
  caches->touch = touch_portable;
  caches->pass = pass_portable;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2")) return;
  caches->touch = touch_avx2;
  caches->pass = pass_avx2;
  if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl"))
    return;
  caches->touch = touch_avx512;
  caches->pass = pass_avx512;
#endif
}

/// Zeroed memory on a cache line.
static uint64_t *words(uint64_t count) {
  void *memory = NULL;
  if (count > SIZE_MAX / 16 || posix_memalign(&memory, 64, (size_t)count * 8)) return NULL;
  memset(memory, 0, (size_t)count * 8);
  return memory;
}

struct mk_caches *mk_caches_new(long levels, const uint64_t *sets, const uint64_t *ways) {
  if (levels < 1 || levels > MK_CACHE_LEVELS) return NULL;
  struct mk_caches *caches = calloc(1, sizeof *caches);
  if (!caches) return NULL;
  caches->levels = levels;
  choose(caches);
  for (long i = 0; i < levels; i++) {
    struct level *level = &caches->level[i];
    int fits = sets[i] >= 1 && sets[i] <= (uint64_t)1 << 40 && ways[i] >= 1 && ways[i] <= MK_CACHE_WAYS;
    level->sets = sets[i];
    level->ways = ways[i];
    level->stride = ways[i] > 16 || sets[i] & (sets[i] - 1) ? 0 : ways[i] > 8 ? 16 : 8;
    level->tags = fits ? words(sets[i] * width(level)) : NULL;
    if (!level->tags) {
      mk_caches_free(caches);
      return NULL;
    }
  }
  return caches;
}

void mk_caches_free(struct mk_caches *caches) {
  for (long i = 0; i < caches->levels; i++) free(caches->level[i].tags);
  free(caches);
}

void mk_caches_touch(struct mk_caches *caches, uint64_t first, uint64_t count, uint64_t writes) {
  caches->touch(caches, first, count, writes);
}

uint64_t mk_caches_fills(struct mk_caches *caches, long level) {
  drain(caches);
  return caches->level[level].fills;
}

uint64_t mk_caches_write_backs(struct mk_caches *caches, long level) {
  drain(caches);
  return caches->level[level].write_backs;
}

void mk_caches_flush(struct mk_caches *caches) {
  drain(caches);
  for (long i = 0; i < caches->levels; i++) {
    struct level *level = &caches->level[i];
    for (uint64_t place = 0; place < level->sets * width(level); place++) {
      uint64_t dirty = level->tags[place];
      if (!(dirty & 1)) continue;
      level->tags[place] = dirty & ~(uint64_t)1;
      level->write_backs++;
      if (i + 1 < caches->levels) caches->pass(caches, i + 1, &dirty, 1);
    }
  }
}

void mk_caches_reset(struct mk_caches *caches) {
  drain(caches);
  for (long i = 0; i < caches->levels; i++) caches->level[i].fills = caches->level[i].write_backs = 0;
}
