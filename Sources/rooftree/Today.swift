import Basics

/// The day, for reports of what was measured: 2026-11-24, in universal time.
enum Today {
  static var text: String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    func two(_ value: Int32) -> String { "\(value)".padded(to: 2, with: "0") }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  }
}
