import Calibration
import CostModel

extension CalibrationStudy {
  /// How well one device's calibration serves another, without any run of it and with a few.
  struct Transfer: Sendable {
    var from, to: String
    var group: RunGroup
    /// Errors on model-sized rows that no fit saw.
    var none, few, alone: Double?
    /// All runs of the group are a kit.
    var isKit: Bool

    /// A group of no more runs is a new device's kit: it judges priors and is no study of its own.
    static let few = 25
    static let sample = 20

    /// Errors aimed at on a new generation of which a kit was measured, in percent.
    static let kitAims = [
      "GEMM bf16, fp16": 10.0, "GEMM fp8, block": 16, "attention prefill": 15,
      "attention decode (vLLM, SGLang)": 11, "MoE": 16, "NVLink collectives": 12,
    ]

    static let method =
      "Parameters of one device with the physical quantities of another: without any run of it, with \(sample) runs a"
      + " group that the fit starts from there, and with the same runs alone. Errors are those of the other runs; of"
      + " kits of up to \(few) runs, of each run from all the others."

    /// Each device from the first other one.
    static func all(_ sources: [Source], step: () -> Void) async -> [Transfer] {
      var result: [Transfer] = []
      await withTaskGroup(of: Transfer?.self) { tasks in
        for source in sources {
          guard let device = DeviceQuantities(source.profile),
            let other = sources.first(where: { $0.profile.name != source.profile.name }),
            let calibration = fitted(other), let predictor = Predictor(calibration, on: source.profile)
          else { continue }
          for (group, runs) in Dictionary(grouping: source.runs, by: \.group) {
            tasks.addTask { transfer(predictor, device, source.profile.name, group, runs) }
          }
        }
        for await transfer in tasks {
          step()
          if let transfer { result.append(transfer) }
        }
      }
      return result.sorted { ($0.group, $0.to) < ($1.group, $1.to) }
    }

    private static func fitted(_ source: Source) -> Calibration? {
      guard let device = DeviceQuantities(source.profile) else { return nil }
      let fits = Dictionary(grouping: source.runs, by: \.group).compactMap { group, runs in
        runs.count > few ? GroupFitting.fit(group, runs, on: device) : nil
      }
      return Calibration(hardware: source.profile.name, groups: fits.sorted { $0.group < $1.group })
    }

    private static func transfer(
      _ predictor: Predictor, _ device: DeviceQuantities, _ name: String, _ group: RunGroup, _ runs: [Run]
    ) -> Transfer? {
      guard let prior = predictor.fit(for: group)?.fit.parameters else { return nil }
      let model = KernelModels.model(for: group)
      func error(_ rows: [(run: Run, predicted: Double)]) -> Double? {
        let sized = rows.filter { $0.run.isModelSized }
        return sized.count < 5 ? nil : CalibrationStudy.error(sized.map { ($0.run.seconds, $0.predicted) })
      }
      func fitted(_ prior: [Double]?, _ chosen: [Run], _ rest: [Run]) -> [(run: Run, predicted: Double)] {
        let parameters = Fitter(prior: prior).fit(model, chosen, on: device)
        return predicted(rest, parameters)
      }
      func predicted(_ runs: [Run], _ parameters: [Double]) -> [(run: Run, predicted: Double)] {
        zip(runs, model.seconds(parameters, runs.map(\.shape), on: device)).map { ($0, $1) }
      }
      let carried = predicted(runs, prior)
      let helped: [(run: Run, predicted: Double)]
      let alone: [(run: Run, predicted: Double)]
      if runs.count <= few {
        func each(_ prior: [Double]?) -> [(run: Run, predicted: Double)] {
          runs.indices.flatMap { index in
            fitted(prior, runs.enumerated().filter { $0.offset != index }.map(\.element), [runs[index]])
          }
        }
        helped = each(prior)
        alone = each(nil)
      } else {
        let (chosen, rest) = GroupFitting.sample(runs, sample)
        helped = fitted(prior, chosen, rest)
        alone = fitted(nil, chosen, rest)
      }
      guard let none = error(carried) else { return nil }
      return Transfer(
        from: predictor.calibration.hardware, to: name, group: group, none: none, few: error(helped),
        alone: error(alone), isKit: runs.count <= few)
    }

    /// Kits above their aims.
    static func remaining(_ transfers: [Transfer]) -> [String] {
      CalibrationStudy.rows.compactMap { row in
        let found = transfers.filter { $0.isKit && row.belongs($0.group) }
        let reached = CalibrationStudy.median(found.compactMap(\.few))
        guard let aim = kitAims[row.name], let device = found.first?.to, reached > aim + 0.05 else {
          return nil
        }
        return "\(row.name) on \(device): \(Units.fixed(reached, 1)) % from a kit, against an aim of"
          + " \(Units.fixed(aim, 0)) %."
      }
    }

    static func table(_ transfers: [Transfer]) -> Table {
      var lines: [[String]] = []
      for row in CalibrationStudy.rows {
        let found = transfers.filter { row.belongs($0.group) }
        var pairs: [[String]] = []
        for transfer in found where !pairs.contains([transfer.from, transfer.to]) {
          pairs.append([transfer.from, transfer.to])
        }
        for pair in pairs {
          let own = found.filter { [$0.from, $0.to] == pair }
          let aim = own.contains(where: \.isKit) ? kitAims[row.name] : nil
          func cell(_ errors: [Double]) -> String {
            errors.isEmpty ? "–" : Units.fixed(CalibrationStudy.median(errors), 1) + " %"
          }
          lines.append([
            row.name, pair[0], pair[1], "\(own.count)", cell(own.compactMap(\.none)),
            cell(own.compactMap(\.few)), aim.map { Units.fixed($0, 0) + " %" } ?? "–",
            cell(own.compactMap(\.alone)),
          ])
        }
      }
      return Table(
        columns: [
          ("kernel", .left), ("from", .left), ("to", .left), ("groups", .right), ("no runs", .right),
          ("\(sample) runs", .right), ("aim", .right), ("\(sample) runs alone", .right),
        ], rows: lines)
    }
  }
}
