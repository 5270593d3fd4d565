#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
func logarithm(_ x: Double) -> Double { log(x) }
func exponential(_ x: Double) -> Double { exp(x) }

/// Partly overlapping phases: (aᵖ + bᵖ)^(1/p); p = 1 adds them, p → ∞ takes the slower.
func overlapped(_ a: Double, _ b: Double, sharpness p: Double) -> Double {
  let high = max(a, b)
  guard high > 0 else { return 0 }
  let ratio = min(a, b) / high
  return high * pow(1 + pow(ratio, p), 1 / p)
}
