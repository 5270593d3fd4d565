#pragma once
/// Calls of malloc, calloc and realloc so far; -1 where they cannot be counted.
long allocation_count(void);
