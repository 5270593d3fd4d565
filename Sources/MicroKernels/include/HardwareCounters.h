#ifndef HARDWARECOUNTERS_H
#define HARDWARECOUNTERS_H
#include <stdint.h>

/// The processor's own counters of this thread in user mode, through perf_event_open; Linux only.
enum mk_event { MK_CYCLES, MK_INSTRUCTIONS, MK_L1D_READ_MISSES, MK_LLC_MISSES, MK_EVENTS };

/// A descriptor of a counter at rest, or −errno; −ENOSYS where there is no such call.
int mk_counter_open(int event);
/// From nought.
void mk_counter_start(int counter);
/// Stops and reads; scaled up where the counter had to share its register. −1 where nothing was counted.
double mk_counter_stop(int counter);
void mk_counter_close(int counter);
/// Names of errno for messages: EPERM, EACCES, ENOENT, ENODEV, EOPNOTSUPP, ENOSYS.
extern const int mk_eperm, mk_eacces, mk_enoent, mk_enodev, mk_eopnotsupp, mk_enosys;
#endif
