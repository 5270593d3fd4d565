/// Where simulated caches see a kernel's buffers: one behind the other in the order in which they were made, wherever
/// the system put them. Without it every run would meet other conflicts for the same sets.
final class AddressLayout: @unchecked Sendable {
  /// Buffers made while one is current, on one thread, take their places in it.
  @TaskLocal static var current: AddressLayout?

  /// Bytes from `start` on are seen `shift` further on.
  struct Place {
    var start, bytes, shift: UInt64

    func holds(_ address: UInt64) -> Bool { address &- start < bytes }
    static let everywhere = Place(start: 0, bytes: .max, shift: 0)
  }

  private(set) var places: [Place] = []
  private var next: UInt64 = 1 << 32

  /// What stood there before is gone.
  func add(_ raw: UnsafeRawPointer, bytes: Int, alignment: Int) {
    let (start, count, step) = (UInt64(UInt(bitPattern: raw)), UInt64(bytes), UInt64(alignment))
    places.removeAll { $0.start < start + count && start < $0.start + $0.bytes }
    next = (next + step - 1) / step * step
    places.append(Place(start: start, bytes: count, shift: next &- start))
    next += count
  }
}
