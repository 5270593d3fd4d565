import CostModel

/// The pictures of `attention`: traffic and time over the length, by generation.
enum AttentionCharts {
  static func charts(_ result: TimedAttention) -> [Chart] {
    let longest = max(16_384, result.study.length * 4)
    let lengths = (7..<40).map { Double(1 << $0) }.prefix { $0 <= longest }.suffix(9)
    let runs = lengths.compactMap { try? result.at(length: $0) }
    let far = result.profile.levels[0].name
    return [
      chart(
        "traffic", "Attention's \(far) traffic over the length", "bytes", result, runs, Units.traffic
      ) { $0.work.bytes },
      chart("time", "Attention's time over the length, ideal roofs", "time", result, runs, Units.seconds) {
        $0.seconds
      },
    ]
  }

  private static func chart(
    _ name: String, _ title: String, _ unit: String, _ asked: TimedAttention, _ runs: [TimedAttention],
    _ shown: @escaping (Double) -> String, _ figure: (TimedAttention.Pass) -> Double
  ) -> Chart {
    let study = asked.study
    let names = ["standard"] + asked.flash.map { $0.generation?.name ?? "" }
    let lines = names.indices.map { index in
      (
        name: names[index],
        points: runs.map { run in
          (x: run.study.length, y: figure(index == 0 ? run.standard.total : run.flash[index - 1].total))
        }
      )
    }
    let (standard, flash) = (figure(asked.standard.total), asked.flash.map { figure($0.total) })
    return LineChart(
      name: name, title: title,
      subtitle:
        "\(asked.profile.title): \(Units.whole(study.batch)) × \(Units.whole(study.heads)) heads of"
        + " \(Units.whole(study.headDim))" + (study.backward ? ", forward and backward" : ", forward"),
      horizontalTitle: "length, tokens", verticalTitle: unit, lines: lines, horizontal: .binary,
      shownX: Units.whole, shownY: shown
    ).chart(
      caption: "Batch × heads as asked, the length varied.",
      finding: "At \(Units.whole(study.length)) tokens standard attention takes \(shown(standard)), "
        + zip(names.dropFirst(), flash).map { "\($0) \(shown($1)) (÷ \(Units.plain(standard / $1)))" }
        .joined(separator: ", ") + ".")
  }
}
