/// `base` to the power of `exponent`; an exponent of exactly 1, as fitted formulas often have, costs no call.
@inlinable public func power(_ base: Double, _ exponent: Double) -> Double {
  exponent == 1 ? base : pow(base, exponent)
}

/// e to the power of `x`.
@inlinable public func exponential(_ x: Double) -> Double { exp(x) }

/// The natural logarithm of `x`.
@inlinable public func logarithm(_ x: Double) -> Double { log(x) }

/// ln Γ(x) of `x` ≥ 1.
public func logGamma(_ x: Double) -> Double { lgamma(x) }

/// How many pieces of `step` cover `x` (0 for x ≤ 0); `step` > 0.
@inlinable public func ceilDiv(_ x: Double, _ step: Double) -> Double { (x / step).rounded(.up) }

/// How many pieces of `step` cover `x`; both whole, `x` ≥ 0, `step` > 0.
@inlinable public func ceilDiv(_ x: Int, _ step: Int) -> Int { (x + step - 1) / step }

/// The smallest multiple of `step` that is not below `x`; `x` ≥ 0, `step` > 0.
@inlinable public func roundUp(_ x: Int, _ step: Int) -> Int { ceilDiv(x, step) * step }
