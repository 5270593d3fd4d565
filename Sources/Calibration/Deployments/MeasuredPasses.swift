import CostModel
import Specs

/// Measured forward passes of whole models that are given by their shape, run eagerly by PyTorch.
public enum MeasuredPasses {
  /// - Returns: nil where the file's heading is another.
  public static func read(_ source: SourceFile) throws(InputError) -> [DeploymentRow]? {
    guard var table = DeploymentTable(source, as: .measuredPasses) else { return nil }
    var resolver = Resolver()
    var rows: [DeploymentRow] = []
    while let row = table.next() {
      let profile = try? Catalogue.measuredHardware(row.text("gpu"))
      var result = DeploymentRow(
        id: row.id, metric: "pass_seconds",
        measured: row.number("time_s") ?? 0, hardware: profile?.name ?? row.text("gpu"),
        framework: row.text("framework"), model: row.text("model"))
      do throws(Unpredicted) {
        guard let profile else { throw Unpredicted("no device called “\(row.text("gpu"))” is known") }
        let (model, batch, length) = try model(row)
        guard let predictor = try? resolver.predictor(PricingRequest.noCalibration, on: profile),
          let time = predictor.expected(model.launches(batch: batch, length: length))
        else { throw Unpredicted("no kernel of such a pass is known on \(profile.name)") }
        result.expected = (time.seconds, time.low, time.high)
        result.basis = time.basis.rawValue
      } catch {
        result.note = error.text
      }
      rows.append(result)
    }
    return rows
  }

  /// What a row runs; why it is not answered otherwise.
  private static func model(
    _ row: DeploymentTable.Row
  ) throws(Unpredicted) -> (model: EagerModel, batch: Double, length: Double) {
    guard row.number("time_s") != nil else { throw Unpredicted("no time was measured") }
    guard let code = EagerModel.Code(rawValue: row.text("architecture")) else {
      throw Unpredicted("the code of “\(row.text("architecture"))” is not known")
    }
    guard row.text("phase") == "inference" else { throw Unpredicted("training passes are not priced yet") }
    guard row.text("compiled") != "1" else { throw Unpredicted("compiled graphs are not priced yet") }
    guard (row.number("devices") ?? 1) == 1 else { throw Unpredicted("one device alone is priced") }
    guard row.text("dtype").isEmpty || row.text("dtype") == "float32" else {
      throw Unpredicted("eager passes are priced in float32 alone")
    }
    let (hidden, heads) = (try row.required("hidden"), try row.required("heads"))
    let (sparse, classifies) = (code == .switchTransformers, row.text("head") == "classification")
    let model = EagerModel(
      code: code, layers: try row.required("layers"),
      decoderLayers: sparse ? try row.required("decoder_layers") : 0,
      hidden: hidden, heads: heads, headDim: row.number("head_dim") ?? hidden / heads,
      intermediate: row.number("intermediate") ?? 4 * hidden,
      vocabulary: classifies ? 0 : try row.required("vocab"),
      experts: sparse ? try row.required("experts") : 0,
      hasTanhForm: row.text("activation") == "gelu_new")
    return (model, try row.required("batch"), try row.required("length"))
  }
}
