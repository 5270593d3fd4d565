import Basics

/// Eight numbers at a time: logarithms and powers by polynomials to about 1e-15, for formulas that weigh many
/// alternatives. The C library's, one by one, take four times as long.
typealias Lanes = SIMD8<Double>

extension SIMD8<Double> {
  /// log₂ of positive lanes, each taken apart into 2ᵏ · m with m between √½ and √2: of m a series in (m − 1) ÷ (m + 1).
  @inline(__always)
  var logarithm2: Lanes {
    let bits = unsafeBitCast(larger(Lanes(repeating: 1e-300)), to: SIMD8<UInt64>.self)
    let biased = bits &- 0x3FE6_A09E_667F_3BCD &+ 0x3FF0_0000_0000_0000
    let exponent = unsafeBitCast(biased &>> 52 | 0x4330_0000_0000_0000, to: Lanes.self) - (0x1p52 + 1023)
    let mantissa = bits &- (biased & 0xFFF0_0000_0000_0000) &+ 0x3FF0_0000_0000_0000
    let m = unsafeBitCast(mantissa, to: Lanes.self)
    let s = (m - 1) / (m + 1)
    let z = s * s
    // 2 ÷ ((2j + 1) · ln 2).
    var sum = Lanes(repeating: 0.1373995277037108)
    sum = sum * z + 0.15186263588304877
    sum = sum * z + 0.16972882833987804
    sum = sum * z + 0.19235933878519512
    sum = sum * z + 0.2219530832136867
    sum = sum * z + 0.2623081892525388
    sum = sum * z + 0.3205988979753252
    sum = sum * z + 0.41219858311113244
    sum = sum * z + 0.5770780163555853
    sum = sum * z + 0.9617966939259757
    sum = sum * z + 2.8853900817779268
    return exponent + s * sum
  }

  /// 2ˣ, the whole part as an exponent, the rest as a series.
  @inline(__always)
  var exponential2: Lanes {
    let bounded = smaller(Lanes(repeating: 1000)).larger(Lanes(repeating: -1000))
    let shifted = bounded + 0x1.8p52
    let f = bounded - (shifted - 0x1.8p52)
    let scale = unsafeBitCast(shifted, to: SIMD8<UInt64>.self) &<< 52 &+ 0x3FF0_0000_0000_0000
    // (ln 2)ʲ ÷ j!.
    var sum = Lanes(repeating: 2.5678435993488196e-11)
    sum = sum * f + 4.44553827187081e-10
    sum = sum * f + 7.054911620801121e-09
    sum = sum * f + 1.0178086009239696e-07
    sum = sum * f + 1.3215486790144305e-06
    sum = sum * f + 1.5252733804059838e-05
    sum = sum * f + 0.00015403530393381606
    sum = sum * f + 0.0013333558146428441
    sum = sum * f + 0.009618129107628477
    sum = sum * f + 0.055504108664821576
    sum = sum * f + 0.2402265069591007
    sum = sum * f + 0.6931471805599453
    sum = sum * f + 1.0
    return sum * unsafeBitCast(scale, to: Lanes.self)
  }

  @inline(__always)
  func larger(_ other: Lanes) -> Lanes { replacing(with: other, where: other .> self) }

  @inline(__always)
  func smaller(_ other: Lanes) -> Lanes { replacing(with: other, where: other .< self) }

  @inline(__always)
  var smallest: Double {
    let four = lowHalf.replacing(with: highHalf, where: highHalf .< lowHalf)
    let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .< four.lowHalf)
    return two.x < two.y ? two.x : two.y
  }

  /// The next whole number of lanes from 0 to 2⁵⁰.
  @inline(__always)
  var roundedUp: Lanes {
    let nearest = (self + 0x1p52) - 0x1p52
    return nearest + Lanes.zero.replacing(with: 1, where: nearest .< self)
  }
}

/// The binary logarithm of two times overlapping, from theirs; see `overlapped`.
@inline(__always)
func logarithmOverlapped(_ a: Lanes, _ b: Lanes, _ p: Double) -> Lanes {
  let most = a.larger(b)
  return most + (((a.smaller(b) - most) * p).exponential2 + 1).logarithm2 * (1 / p)
}

/// The same of one pair.
@inline(__always)
func logarithmOverlapped(_ a: Double, _ b: Double, _ p: Double) -> Double {
  let most = max(a, b)
  return most + log2(1 + exp2((min(a, b) - most) * p)) / p
}
