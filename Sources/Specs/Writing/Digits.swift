import Basics

/// Numbers in digits, alike on every machine.
package enum Digits {
  /// A whole number with separators: `131,072`.
  package static func whole(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 9e18 else { return "\(value)" }
    let digits = String(Int64(value.rounded().magnitude))
    var out = ""
    for (offset, digit) in digits.enumerated() {
      if offset > 0 && (digits.count - offset) % 3 == 0 { out.append(",") }
      out.append(digit)
    }
    return (value < 0 ? "-" : "") + out
  }

  package static func percent(_ share: Double) -> String {
    guard share.isFinite else { return "–" }
    return fixed(share * 100, share > 0 && share < 0.0995 ? 1 : 0) + " %"
  }

  /// Three significant digits; a power of ten where zeros would hide them.
  package static func plain(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    if abs(value) >= 999.5 { return whole(value) }
    if value != 0, abs(value) < 1e-4 {
      var (mantissa, power) = (value, 0)
      while abs(mantissa) < 0.9995, power > -320 { (mantissa, power) = (mantissa * 10, power - 1) }
      return "\(significant(mantissa, 3))e\(power)"
    }
    return significant(value, 3)
  }

  package static func significant(_ value: Double, _ digits: Int) -> String {
    if value == 0 { return "0" }
    var magnitude = 0
    var scaled = abs(value)
    while scaled >= 10 && magnitude < 40 {
      scaled /= 10
      magnitude += 1
    }
    while scaled < 1 && magnitude > -40 {
      scaled *= 10
      magnitude -= 1
    }
    if scaled < 1 { return "0" }
    // 9.998 rounds to 10.0, which has one decimal less.
    if fixed(scaled, digits - 1).count > digits + (digits > 1 ? 1 : 0) { magnitude += 1 }
    return fixed(value, max(0, digits - 1 - magnitude))
  }

  /// Fixed decimals, rounded half away from zero.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    var power = 1.0
    for _ in 0..<decimals { power *= 10 }
    let scaled = (abs(value) * power).rounded()
    guard scaled < 9e18 else { return "\(value)" }
    let digits = String(Int64(scaled))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if decimals == 0 { return sign + digits }
    let padded = digits.padded(to: decimals + 1, with: "0")
    return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }
}
