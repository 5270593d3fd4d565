import Foundation

/// The command line: `--seconds S`, `--inputs N`, `--seed K`, `--from N`, `--target NAME`, `--dump`, `--state FILE`,
/// `--tool PATH` of an executable to fuzz instead of the readers.
struct Options {
  var seconds = 1e9
  var inputs = Int.max
  var seed: UInt64 = 1
  var from = 0
  var target: String?
  var tool: String?
  var dump = false
  var state = NSTemporaryDirectory() + "rooftree-fuzz.state"

  init(_ arguments: [String]) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "--seconds": seconds = rest.popFirst().flatMap(Double.init) ?? seconds
      case "--inputs": inputs = rest.popFirst().flatMap { Int($0) } ?? inputs
      case "--seed": seed = rest.popFirst().flatMap { UInt64($0) } ?? seed
      case "--from": from = rest.popFirst().flatMap { Int($0) } ?? from
      case "--tool": tool = rest.popFirst()
      case "--target": target = rest.popFirst()
      case "--state": state = rest.popFirst() ?? state
      case "--dump": dump = true
      default:
        print("unknown option \(word); see Fuzzing/README.md")
        exit(64)
      }
    }
    if seconds == 1e9 && inputs == .max { seconds = 30 }
  }
}

/// Peak resident memory in bytes.
func peakMemory() -> Double {
  var usage = rusage()
  #if os(Linux)
    getrusage(__rusage_who_t(0), &usage)
    return Double(usage.ru_maxrss) * 1024
  #else
    getrusage(RUSAGE_SELF, &usage)
    return Double(usage.ru_maxrss)
  #endif
}

/// Signals when the process has run for so long; 0: never. Unlike `alarm` it tells a hang from a loaded machine.
func alarm(processorSeconds: Int) {
  var limit = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: processorSeconds, tv_usec: 0))
  #if os(Linux)
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &limit, nil)
  #else
    setitimer(ITIMER_PROF, &limit, nil)
  #endif
}

let options = Options(Array(CommandLine.arguments.dropFirst()))
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path
let all = try options.tool.map { [FuzzTarget.commands(tool: $0)] } ?? FuzzTarget.all(root: root)
let targets = all.filter { options.target == nil || $0.name == options.target }
guard !targets.isEmpty, targets.allSatisfy({ !$0.seeds.isEmpty }) else {
  print("no such target, or a target without seeds")
  exit(64)
}
let stateFile = open(options.state, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
// Every seed as it stands: readers are warm and the memory they need is known.
for target in targets {
  // What refuses all of them fuzzes nothing.
  guard try target.seeds.map(target.run).contains(true) else {
    print("\(target.name) reads none of its seeds")
    exit(64)
  }
}
let memoryBefore = peakMemory()
let clock = ContinuousClock()
let start = clock.now
/// Other processes' time does not count.
func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
var counts = [Int](repeating: 0, count: targets.count)
var accepted = counts
var slowest: (seconds: Double, what: String) = (0, "")
var failures = 0
var index = options.from
while index - options.from < options.inputs {
  let which = index % targets.count
  let target = targets[which]
  var random = SeededGenerator(seed: options.seed &* 0x1_0000_0001_B3 &+ UInt64(index))
  _ = random.next()
  let first = target.seeds[random.below(target.seeds.count)]
  let other = target.seeds[random.below(target.seeds.count)]
  let input = Mutator.mutate(
    first, with: other, dictionary: target.dictionary, binary: target.binary, &random)
  let note = "--target \(target.name) --seed \(options.seed) --from \(index)\n"
  let padded = note.padding(toLength: 100, withPad: " ", startingAt: 0)
  padded.withCString { _ = pwrite(stateFile, $0, 100, 0) }
  if options.dump { FileHandle.standardOutput.write(Data(input)) }
  // A hang ends the process; the state file names the input.
  alarm(processorSeconds: 20)
  alarm(300)
  let began = processorSeconds()
  do {
    if try target.run(input) { accepted[which] += 1 }
  } catch {
    failures += 1
    print("FAILED \(note)\(error)")
    fflush(nil)
    if failures >= 1000 { exit(1) }
  }
  let seconds = processorSeconds() - began
  if seconds > slowest.seconds { slowest = (seconds, note) }
  counts[which] += 1
  index += 1
  if index % 256 == 0, clock.now - start > .seconds(options.seconds) { break }
}
alarm(0)
alarm(processorSeconds: 0)
let grown = (peakMemory() - memoryBefore) / 1_048_576
let elapsed = clock.now - start
print(
  "seed \(options.seed): \(counts.reduce(0, +)) inputs in \(elapsed.components.seconds) s, \(failures) failures"
)
for (target, (count, read)) in zip(targets, zip(counts, accepted)) {
  print("  \(target.name): \(count) inputs, \(read) read")
}
print(
  "slowest \(Int(slowest.seconds * 1000)) ms (\(slowest.what.dropLast())); memory grew by \(Int(grown)) MiB")
if grown > 64 {
  print("FAILED: more than 64 MiB")
  failures += 1
}
exit(failures == 0 ? 0 : 1)
