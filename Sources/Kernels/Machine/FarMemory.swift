import MicroKernels

/// More memory than any cache holds, read a window at a time: when a window's turn comes again it is long gone.
///
/// A size that a cache holds in part is no far memory: at twice a last level's capacity reads came to 56 to 103 GB/s on a
/// machine whose memory gives 37.
final class FarMemory: @unchecked Sendable {
  private let memory: Buffer<Float>
  private let window: Int
  private var turn = 0
  private static let windows = 8

  init(_ topology: Topology) {
    let bytes = min(max(64 << 20, 2 * topology.lastCacheBytes), Int(topology.memoryBytes / 64))
    window = bytes / 4
    memory = Buffer(Self.windows * window)
  }

  var windowBytes: Double { Double(4 * window) }

  /// One reading of the next window.
  func seconds(threads: Int, _ arithmetic: Arithmetic) -> Double {
    let sums = Buffer<Float>(threads * 16)
    let start = turn * window
    turn = (turn + 1) % Self.windows
    return Stopwatch.seconds {
      Threads.run(threads) { index in
        let part = Threads.slice(window, index, of: threads, grain: 1024)
        sums[index * 16] += arithmetic.table.sum(memory.base + start + part.lowerBound, part.count)
      }
    }
  }
}
