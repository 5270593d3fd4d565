import CostModel

extension OperatingPoint {
  /// What `--clock`, `--power` and `--bandwidth-efficiency` say: `1.4GHz`, `300 W`, `0.85`.
  ///
  /// - Throws: `InputError`, 64, for what is no clock, power or share.
  public init(clock: String?, power: String?, bandwidthEfficiency: Double?) throws(InputError) {
    self.init(
      clockHertz: try Self.value(clock, .hertz, "--clock"),
      powerWatts: try Self.value(power, .watts, "--power"),
      bandwidthEfficiency: bandwidthEfficiency)
  }

  package static func value(
    _ text: String?, _ dimension: Quantity.Dimension, _ name: String
  ) throws(InputError) -> Double? {
    guard let text else { return nil }
    let number = text.prefix { $0.isNumber || $0 == "." }
    guard let value = Quantity.parse("\(number) \(text.dropFirst(number.count))", dimension) else {
      throw InputError(
        .usage, "\(name) is “\(text)”; accepted: a number and a unit, such as \(dimension.example)")
    }
    return value
  }
}

extension HardwareProfile {
  /// The device at another point.
  ///
  /// - Throws: `InputError`, 64, where the profile does not say what the point is relative to, or the point lies
  ///   far outside what devices are set to.
  public func operating(at point: OperatingPoint) throws(InputError) -> HardwareProfile {
    func check(
      _ value: Double?, against usual: Double?, _ name: String, _ dimension: Quantity.Dimension
    ) throws(InputError) {
      guard let value else { return }
      guard let usual else {
        throw InputError(
          .usage, "\(name) has nothing to be relative to: the profile of \(self.name) states none")
      }
      guard (0.1...2).contains(value / usual) else {
        throw InputError(
          .usage,
          "\(name) is \(Quantity.text(value, dimension)); accepted: a tenth to twice the"
            + " \(Quantity.text(usual, dimension)) of \(self.name)")
      }
    }
    try check(point.clockHertz, against: clockHertz, "--clock", .hertz)
    try check(point.powerWatts, against: powerWatts, "--power", .watts)
    if let share = point.bandwidthEfficiency, !(share > 0.01 && share <= 1) {
      throw InputError(.usage, "--bandwidth-efficiency is \(share); accepted: above 0.01, at most 1")
    }
    return set(to: point) ?? self
  }
}
