#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The few transcendental functions the model needs, from the platform's C library.
@inlinable func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
@inlinable func naturalLog(_ x: Double) -> Double { log(x) }
@inlinable func exponential(_ x: Double) -> Double { exp(x) }

/// Smallest whole number of `step`s that covers `x` (0 for x ≤ 0); `step` > 0.
@inlinable func ceilDiv(_ x: Double, _ step: Double) -> Double { (x / step).rounded(.up) }

/// Largest power of two not above `x`, at least 1.
func powerOfTwo(notAbove x: Double) -> Double {
  var p = 1.0
  while p * 2 <= x && p < 1e15 { p *= 2 }
  return p
}
