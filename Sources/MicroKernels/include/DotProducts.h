#ifndef DOTPRODUCTS_H
#define DOTPRODUCTS_H

/// A unit that multiplies narrow numbers faster than single-precision multiply-adds do.
struct __attribute__((swift_attr("@Sendable"))) mk_dot_unit {
  const char *_Nonnull name;
  /// Of one iteration; a multiply-add is 2.
  double operations;
  void (*_Nonnull run)(long iterations);
};

enum mk_dot_format { MK_DOT_INT8, MK_DOT_BF16, MK_DOT_FP16 };

/// The fastest such unit that this processor has and the system lets run; NULL without one.
const struct mk_dot_unit *_Nullable mk_dot_unit(enum mk_dot_format format);
#endif
