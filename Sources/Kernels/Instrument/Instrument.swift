/// What a kernel tells about the memory it touches, as ranges of bytes at a depth of reuse.
///
/// Depth 0 is what the innermost loops load and store; depth d is what is loaded when a tile of the kernel's
/// d-th layer condition enters the memory that holds it. `store` leaves nothing of the old contents,
/// `update` reads them first.
public protocol Instrument {
  mutating func load(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int)
  mutating func store(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int)
  mutating func update(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int)
}

/// Off: every call is empty and inlined away.
public struct NoCounter: Instrument {
  public init() {}
  @inline(__always) public mutating func load(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {}
  @inline(__always) public mutating func store(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {}
  @inline(__always) public mutating func update(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {}
}

/// Bytes by depth; exact, since whole numbers below 2^53.
public struct TileCounter: Instrument, Sendable {
  public var reads = SIMD8<Int>.zero
  public var writes = SIMD8<Int>.zero
  /// The part of `writes` whose old contents were not wanted: what write-allocation reads in vain.
  public var allocations = SIMD8<Int>.zero

  public init() {}

  public mutating func load(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {
    reads[depth] += bytes
  }

  public mutating func store(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {
    writes[depth] += bytes
    allocations[depth] += bytes
  }

  public mutating func update(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {
    reads[depth] += bytes
    writes[depth] += bytes
  }
}

/// Feeds what the innermost loops touch into simulated caches, in order.
public struct AddressStream: Instrument {
  public let caches: CacheHierarchy
  private let places: [AddressLayout.Place]
  private var place: AddressLayout.Place

  /// - Parameter caches: see the addresses of the current layout, or those that buffers really have.
  public init(_ caches: CacheHierarchy) {
    self.caches = caches
    places = AddressLayout.current?.places ?? [.everywhere]
    place = places.first ?? .everywhere
  }

  public mutating func load(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {
    if depth == 0 { touch(address, bytes, writes: false) }
  }

  public mutating func store(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {
    if depth == 0 { touch(address, bytes, writes: true) }
  }

  public mutating func update(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {
    // The write finds the line that the read brought: one access a line, which leaves it dirty.
    if depth == 0 { touch(address, bytes, writes: true) }
  }

  @inline(__always)
  private mutating func touch(_ address: UnsafeRawPointer, _ bytes: Int, writes: Bool) {
    let real = UInt64(UInt(bitPattern: address))
    if !place.holds(real) { place = places.first { $0.holds(real) } ?? .everywhere }
    caches.touch(address: real &+ place.shift, bytes, writes: writes)
  }
}

extension Instrument {
  @inline(__always) static var isOff: Bool { Self.self == NoCounter.self }

  @inline(__always)
  mutating func load(_ address: UnsafeRawPointer, _ bytes: Int, depths: ClosedRange<Int>) {
    if Self.isOff { return }
    for depth in depths { load(address, bytes, depth: depth) }
  }

  @inline(__always)
  mutating func store(_ address: UnsafeRawPointer, _ bytes: Int, depths: ClosedRange<Int>) {
    if Self.isOff { return }
    for depth in depths { store(address, bytes, depth: depth) }
  }

  @inline(__always)
  mutating func update(_ address: UnsafeRawPointer, _ bytes: Int, depths: ClosedRange<Int>) {
    if Self.isOff { return }
    for depth in depths { update(address, bytes, depth: depth) }
  }
}
