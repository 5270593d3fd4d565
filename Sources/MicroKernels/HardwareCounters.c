#include "HardwareCounters.h"

#include <errno.h>

const int mk_eperm = EPERM, mk_eacces = EACCES, mk_enoent = ENOENT, mk_enodev = ENODEV,
          mk_eopnotsupp = EOPNOTSUPP, mk_enosys = ENOSYS;

#if defined(__linux__)
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CACHE_MISSES(cache, operation) \
  (PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_##operation << 8 | PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

static const struct {
  uint32_t type;
  uint64_t config;
} events[MK_EVENTS] = {
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {PERF_TYPE_HW_CACHE, CACHE_MISSES(L1D, READ)},
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
};

int mk_counter_open(int event) {
  if (event < 0 || event >= MK_EVENTS) return -EINVAL;
  struct perf_event_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.size = sizeof attributes;
  attributes.type = events[event].type;
  attributes.config = events[event].config;
  attributes.disabled = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  long counter = syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
  return counter < 0 ? -errno : (int)counter;
}

void mk_counter_start(int counter) {
  ioctl(counter, PERF_EVENT_IOC_RESET, 0);
  ioctl(counter, PERF_EVENT_IOC_ENABLE, 0);
}

double mk_counter_stop(int counter) {
  ioctl(counter, PERF_EVENT_IOC_DISABLE, 0);
  struct {
    uint64_t value, enabled, running;
  } got;
  if (read(counter, &got, sizeof got) != (ssize_t)sizeof got || !got.running) return -1;
  return (double)got.value * ((double)got.enabled / (double)got.running);
}

void mk_counter_close(int counter) { close(counter); }
#else
int mk_counter_open(int event) {
  (void)event;
  return -ENOSYS;
}
void mk_counter_start(int counter) { (void)counter; }
double mk_counter_stop(int counter) {
  (void)counter;
  return -1;
}
void mk_counter_close(int counter) { (void)counter; }
#endif
