import Foundation
import Testing

/// Every kind of output target under every command that is quick: written into, written whole, or refused; never damaged.
@Suite struct OutputTests {
  static let commands: [String] = [
    "models", "hardware", "show gpt-2", "analyze gpt-2 --on l4", "compare gpt-2 mistral-7b --on l4",
    "attention --on l4",
    "import ROOT/Tests/ImportTests/Configs/llama-3-8b.json", "crosscheck --claims",
    "validate --measurements ROOT/Tests/CommandTests/Goldens/runs.csv --on h100-sxm",
    "bench --kernel rmsnorm:rows=2,width=64 --threads 1 --budget 0.001",
    "calibrate --measurements RMSNORM --on h100-sxm",
  ]

  private static func run(_ command: String, _ output: String) throws -> Tool.Outcome {
    try Tool.run(command.split(separator: " ").map(String.init) + ["--output", output])
  }

  private static func kind(_ path: String) throws -> mode_t {
    var status = stat()
    try #require(lstat(path, &status) == 0)
    return status.st_mode & S_IFMT
  }

  @Test(arguments: commands)
  func targets(_ line: String) throws {
    let inputs = try Scratch()
    let runs = try String(
      contentsOf: Tool.root.appending(path: "Tests/CommandTests/Goldens/runs.csv"), encoding: .utf8)
    // Runs of one kernel are fitted in a moment.
    let few = try inputs.file(
      "runs.csv",
      runs.split(separator: "\n").enumerated().filter { $0.offset == 0 || $0.element.contains("rmsnorm") }
        .map(\.element).joined(separator: "\n"))
    let command = line.replacingOccurrences(of: "ROOT", with: Tool.root.path).replacingOccurrences(
      of: "RMSNORM", with: few)
    // One of the runs beats its bound: the answer is no.
    let done: Int32 = line.hasPrefix("validate") ? 1 : 0
    let scratch = try Scratch()
    func path(_ name: String) -> String { scratch.url.appending(path: name).path }
    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    // Devices stay devices, and say so when they are full.
    #expect(try Self.run(command, "/dev/null").status == done)
    #expect(try Self.kind("/dev/null") == S_IFCHR)
    let full = try Self.run(command, "/dev/full")
    #expect(full.status == 74 && full.errors.contains("/dev/full"), "\(full.errors)")
    #expect(try Self.kind("/dev/full") == S_IFCHR)

    // A new file, an old one's mode and links, another's read-only one.
    #expect(try Self.run(command, path("new")).status == done)
    let whole = try text("new").count
    #expect(whole > 0)
    _ = try scratch.file("old", "old")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path("old"))
    try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: "old")
    try FileManager.default.createSymbolicLink(atPath: path("dangling"), withDestinationPath: "later")
    for name in ["link", "dangling"] {
      #expect(try Self.run(command, path(name)).status == done)
      #expect(try Self.kind(path(name)) == S_IFLNK)
    }
    #expect(try abs(text("old").count - whole) < 400 && abs(text("later").count - whole) < 400)
    let mode = try FileManager.default.attributesOfItem(atPath: path("old"))[.posixPermissions] as? Int
    #expect(mode == 0o640)
    _ = try scratch.file("locked", "locked")
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path("locked"))
    let locked = try Self.run(command, path("locked"))
    #expect(try locked.status == 74 && locked.errors.contains("read-only") && text("locked") == "locked")
    #expect(try Self.run(command, scratch.url.path).status == 74)

    // A pipe is written into, `-` is standard output.
    let piped = try Tool.shell(
      "mkfifo fifo; timeout 60 cat fifo > got & \"$TOOL\" \(command) --output \"$PWD/fifo\"; code=$?; wait; test -p fifo && exit $code",
      in: scratch.url)
    #expect(piped.status == done, "\(piped.errors)")
    #expect(try abs(text("got").count - whole) < 400)
    // Nothing else is printed beside it there.
    #expect(try abs(Self.run(command, "/dev/stdout").output.count - whole) < 400)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).sorted()
    #expect(names == ["dangling", "fifo", "got", "later", "link", "locked", "new", "old"])
  }

  /// Signals at any moment leave the old file or a whole new one, and nothing else; `Tests/Faults/check.py` sends 200.
  @Test(arguments: [
    "report PLAN --output OUT/report", "calibrate --measurements RUNS --on h100-sxm --output OUT/o",
    "bench gemm rmsnorm --model gpt-2 --tokens 4 --budget 0.02 --format json --output OUT/o",
    "crosscheck --no-timing --random 20 --format json --output OUT/o",
  ])
  func signals(_ line: String) throws {
    let scratch = try Scratch()
    let plan = try scratch.file(
      "plan.yaml", "models: [gpt-2]\nhardware: [l4]\nformats: [json]\ncharts: true\n")
    for (index, number) in [SIGINT, SIGTERM, SIGHUP, SIGKILL, SIGTERM].enumerated() {
      let out = scratch.url.appending(path: "\(index)")
      try FileManager.default.createDirectory(at: out, withIntermediateDirectories: false)
      _ = try scratch.file("\(index)/o", "{\"old\": true}")
      let process = Process()
      process.executableURL = Tool.executable
      process.arguments = line.replacingOccurrences(of: "OUT", with: out.path)
        .replacingOccurrences(of: "PLAN", with: plan)
        .replacingOccurrences(of: "RUNS", with: Tool.root.path + "/Tests/CommandTests/Goldens/runs.csv")
        .split(separator: " ").map(String.init)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      // A child inherits what its parent's thread blocks, and a thread pool's threads block all signals.
      var (none, own) = (sigset_t(), sigset_t())
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, &own)
      defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
      try process.run()
      usleep(UInt32.random(in: 0...400_000))
      kill(process.processIdentifier, number)
      process.waitUntilExit()
      let ended =
        process.terminationReason == .uncaughtSignal
        ? [number] : [0, 1, 130, 128 + number]
      #expect(ended.contains(process.terminationStatus), "\(line) \(number): \(process.terminationStatus)")
      let files =
        FileManager.default.enumerator(at: out, includingPropertiesForKeys: nil)?
        .compactMap { $0 as? URL } ?? []
      #expect(!files.contains { $0.lastPathComponent.hasPrefix(".") }, "\(line) \(number): \(files)")
      for file in files where file.lastPathComponent == "o" || file.pathExtension == "json" {
        let text = try String(contentsOf: file, encoding: .utf8)
        let isWhole =
          (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
          || text.hasPrefix("#") && text.hasSuffix("\n")
        #expect(isWhole, "\(line) \(number): \(file.path) \(text.count)")
      }
    }
  }

  @Test func shellsRedirections() throws {
    let scratch = try Scratch()
    // What the shell opened for appending is appended to.
    let run = try Tool.shell(
      """
      set -e
      echo before > a.txt
      "$TOOL" show gpt-2 --output /dev/stdout >> a.txt
      "$TOOL" show gpt-2 --output /dev/fd/3 3>> a.txt
      head -1 a.txt; grep -c GPT-2 a.txt
      "$TOOL" models --format json | head -1
      """, in: scratch.url)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(
      lines.count == 3 && lines[0] == "before" && (Int(lines[1]) ?? 0) >= 2 && lines[2] == "{", "\(run)")
    #expect(run.errors.isEmpty, "\(run.errors)")
    for (stream, status) in [(">/dev/full", Int32(74)), (">&-", 74), ("2>&-", 0), ("<&-", 0)] {
      for command in ["show gpt-2", "--help", "help analyze", "models --format csv"] {
        #expect(
          try Tool.shell("\"$TOOL\" \(command) \(stream)", in: scratch.url).status == status,
          "\(command) \(stream)")
      }
    }
    // Standard error is closed: what is written does not end up in the file that has its number.
    _ = try Tool.shell("\"$TOOL\" show nope --output out.txt 2>&- >&-", in: scratch.url)
    #expect(!FileManager.default.fileExists(atPath: scratch.url.appending(path: "out.txt").path))
  }

  /// Somebody else made the pipe non-blocking and reads slowly: nothing is lost.
  @Test func slowReaderOfANonBlockingPipe() throws {
    let whole = try Tool.run("models --format json").output
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    try #require(fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) | O_NONBLOCK) == 0)
    let process = Process()
    process.executableURL = Tool.executable
    process.arguments = ["models", "--format", "json"]
    process.standardOutput = FileHandle(fileDescriptor: ends[1])
    try process.run()
    close(ends[1])
    usleep(300_000)
    var read: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 5000)
    while true {
      let count = Foundation.read(ends[0], &buffer, buffer.count)
      if count <= 0 { break }
      read += buffer[..<count]
      usleep(1000)
    }
    close(ends[0])
    process.waitUntilExit()
    #expect(whole.utf8.count > 1 << 16 && process.terminationStatus == 0)
    #expect(String(decoding: read, as: UTF8.self) == whole)
  }

  @Test(arguments: [
    ("show gpt-2 --output x.json", Int32(0), "{"), ("show gpt-2 --output x.csv", 0, "model,"),
    ("show gpt-2 --output x.MD", 0, "# "), ("show gpt-2 --output x.html", 0, "<!doctype html>"),
    ("analyze gpt-2 --on l4 --output x.svg", 0, "<svg"), ("show gpt-2 --output x.txt", 0, "GPT-2"),
    ("show gpt-2 --format md --output x", 0, "# "), ("show gpt-2 --format json --output x.csv", 64, "json"),
    ("show gpt-2 --format text --output x.html", 64, "html"),
    ("show gpt-2 --cite --format json", 64, "--cite"),
    ("models --charts y", 64, "--charts"), ("models --export -", 64, "a folder is expected"),
    ("calibrate --measurements RUNS --on h100-sxm --output - --format csv", 64, "--format"),
    ("calibrate --measurements RUNS --on h100-sxm --output x.json", 64, "YAML"),
    ("probe --profile x.csv", 64, "YAML"), ("report RUNS --output -", 65, "mapping"),
  ])
  func endingsChooseTheFormat(_ line: String, _ status: Int32, _ words: String) throws {
    let scratch = try Scratch()
    let runs = Tool.root.appending(path: "Tests/CommandTests/Goldens/runs.csv").path
    let outcome = try Tool.run(
      line.replacingOccurrences(of: "RUNS", with: runs).split(separator: " ").map(String.init),
      in: scratch.url)
    #expect(outcome.status == status, "\(outcome.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path)
    if status == 0 {
      let text = try String(
        contentsOf: scratch.url.appending(path: try #require(files.first)), encoding: .utf8)
      #expect(text.hasPrefix(words), "\(text.prefix(80))")
    } else {
      #expect(files.isEmpty && outcome.errors.contains(words) && outcome.output.isEmpty, "\(outcome.errors)")
    }
  }

  /// `-`, `/dev/stdin` and `<(…)` are inputs like any file, once.
  @Test func inputsThatAreStreams() throws {
    let scratch = try Scratch()
    let setting = """
      shopt -s extglob; R="\(Tool.root.path)"; runs="$R/Tests/CommandTests/Goldens/runs.csv"
      config="$R/Tests/ImportTests/Configs/llama-3-8b.json"
      "$TOOL" models --filter gpt-2 --export specs >/dev/null; "$TOOL" hardware --filter l4 --export profiles >/dev/null
      spec=specs/gpt-2.yaml; profile=profiles/l4.yaml

      """
    for line in [
      #"cat $spec | "$TOOL" show -"#, #""$TOOL" show /dev/stdin < $spec"#, #""$TOOL" show <(cat $spec)"#,
      #""$TOOL" show <(cat $config)"#, #"cat $config | "$TOOL" import -"#,
      #""$TOOL" import /dev/stdin < $config"#,
      #"cat $profile | "$TOOL" analyze gpt-2 --on -"#,
      #""$TOOL" compare <(cat $spec) <(cat $config) --on <(cat $profile)"#,
      #"cat "$runs" | "$TOOL" validate --measurements - --on h100-sxm"#,
      #""$TOOL" calibrate --measurements <(cat "$runs") --on h100-sxm --output - > c.yaml"#,
      #"echo 'reports: [{name: a, command: show gpt-2}]' | "$TOOL" report - --output out"#,
      #"printf '1\n2\n3\n4\n5\n6\n7\n8\n' | "$TOOL" analyze mixtral-8x7b --on l4 --router measured:-"#,
    ] {
      let run = try Tool.shell(setting + line, in: scratch.url)
      let done: Int32 = line.contains("validate") ? 1 : 0
      #expect(run.status == done && run.errors.isEmpty, "\(line): \(run.status) \(run.errors)")
    }
    for (line, status, words) in [
      (#""$TOOL" show - < /dev/null"#, Int32(65), "empty"), (#""$TOOL" show /dev/zero"#, 65, "at most"),
      (#"cat $spec | "$TOOL" compare - - --on -"#, 65, "read before"),
      (#""$TOOL" show <(printf '\377')"#, 65, "UTF-8"), (#""$TOOL" show <(printf 'GGUF\003')"#, 65, "YAML"),
    ] {
      let run = try Tool.shell(setting + line, in: scratch.url)
      #expect(run.status == status && run.errors.contains(words) && run.output.isEmpty, "\(line): \(run)")
    }
  }

  /// `report` and `--export` write over what rooftree wrote and over nothing else.
  @Test func foldersKeepWhatOthersWrote() throws {
    let scratch = try Scratch()
    let plan = try scratch.file(
      "plan.yaml",
      "reports: [{name: a, command: analyze gpt-2 --on l4, formats: [text, markdown, csv, json, svg, html], charts: true}]\n"
    )
    let folder = scratch.url.appending(path: "out").path
    let report = ["report", plan, "--output", folder]
    #expect(try Tool.run(report).status == 0)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(
      files == [
        "README.md", "a.csv", "a.html", "a.json", "a.md", "a.svg", "a.txt", "charts", "rooftree-files.json",
      ])
    let again = try Tool.run(report)
    #expect(again.status == 0, "\(again.errors)")
    for name in ["README.md", "a.csv", "a.html", "a.json", "a.md", "a.svg", "a.txt", "charts/a-roofline.svg"]
    {
      let path = "\(folder)/\(name)"
      let written = try String(contentsOfFile: path, encoding: .utf8)
      if ["a.csv", "a.json", "a.txt"].contains(name) {
        let list = "\(folder)/rooftree-files.json"
        let others = try String(contentsOfFile: list, encoding: .utf8).replacingOccurrences(
          of: name, with: "b.txt")
        try others.write(toFile: list, atomically: true, encoding: .utf8)
      }
      try "mine".write(toFile: path, atomically: true, encoding: .utf8)
      let refused = try Tool.run(report)
      #expect(
        refused.status == 74 && refused.errors.contains(name) && refused.errors.contains("--force"),
        "\(refused.errors)")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
      #expect(try Tool.run(report + ["--force"]).status == 0)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == written)
    }
    // A link in the folder leads out of it.
    let outside = try scratch.file("outside.md", "<!-- written by rooftree -->")
    try FileManager.default.removeItem(atPath: "\(folder)/a.md")
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/a.md", withDestinationPath: outside)
    #expect(try Tool.run(report).status == 74)
    #expect(try String(contentsOfFile: outside, encoding: .utf8) == "<!-- written by rooftree -->")

    let specs = scratch.url.appending(path: "specs").path
    let export = ["models", "--filter", "gpt-2", "--export", specs]
    #expect(try Tool.run(export).status == 0 && Tool.run(export).status == 0)
    try FileManager.default.removeItem(atPath: "\(specs)/rooftree-files.json")
    let refused = try Tool.run(export)
    #expect(refused.status == 74 && refused.errors.contains("gpt-2.yaml"), "\(refused.errors)")
    #expect(try Tool.run(export + ["--force"]).status == 0)
  }
}
