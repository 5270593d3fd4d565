import ArgumentParser
import Calibration
import CostModel
import Deployment
import Specs

/// What lies on the host beside a device.
struct OffloadOptions: ParsableArguments {
  @Option(
    name: [.customLong("gpu-layers"), .customLong("n-gpu-layers"), .customLong("ngl")],
    help: "Last layers on the device, the others on the host; one more than there are takes the head along.")
  var gpuLayers: Int?
  @Option(
    name: [.customLong("experts-on-host"), .customLong("n-cpu-moe")],
    help: "So many of the device's first mixture layers leave their experts on the host.")
  var expertsOnHost = 0
  @Flag(help: "Caches of the device's layers lie on the host, where their attention runs.") var kvOnHost =
    false
  @Option(
    help:
      "The host, or another device that takes the first layers: a catalogue name or a profile file (default: ryzen-7950x)."
  )
  var host: String?
  @Option(help: "The bus between the two in one direction, such as 63GB/s, in place of the profiles' PCIe.")
  var bus: String?
  @Option(help: "batch or context as large, or as many gpu-layers, as the device holds.") var max: Most?

  enum Most: String, CaseIterable, ExpressibleByArgument { case batch, context, gpuLayers = "gpu-layers" }

  /// The first option that asks for layers on the host.
  var asked: String? {
    let options = [
      ("--gpu-layers", gpuLayers != nil), ("--experts-on-host", expertsOnHost > 0),
      ("--kv-on-host", kvOnHost), ("--bus", bus != nil),
      ("--max gpu-layers", max == .gpuLayers),
    ]
    return options.first(where: \.1)?.0
  }

  /// - Throws: `InputError` for a number of layers that the model does not have, and a device without a bus.
  func pass(of prediction: Prediction) throws -> (model: OffloadedModel, pass: OffloadedPass) {
    let (scenario, model) = (prediction.scenario, prediction.model)
    if scenario.deployed != nil {
      throw InputError(.usage, "a host beside several devices is not modelled; accepted: one device")
    }
    let most = model.layerCount + 1
    if let gpuLayers, !(0...most).contains(gpuLayers) {
      throw InputError(.usage, "--gpu-layers is \(gpuLayers); accepted: 0 to \(most), the last for the head")
    }
    let mixtures = model.mixtures.isEmpty ? 0 : model.layerCount
    if !(0...mixtures).contains(expertsOnHost) {
      throw InputError(
        .usage, "--experts-on-host is \(expertsOnHost); accepted: 0 to \(mixtures), layers of \(model.name)")
    }
    let profile = try Catalogue.hardware(host ?? "ryzen-7950x")
    let bus = try between(prediction.profile, profile)
    var placement = Placement(
      deviceLayers: gpuLayers ?? most, hostExperts: expertsOnHost, hostCache: kvOnHost)
    do {
      if max == .gpuLayers {
        guard
          let layers = try OffloadedModel.mostLayers(
            model, on: prediction.profile, beside: profile, over: bus, precision: scenario.precision,
            router: scenario.evaluator.router, placement: placement, work: scenario.workload)
        else { throw InputError(.data, "\(prediction.profile.name) does not hold even none of the layers") }
        placement.deviceLayers = layers
      }
      let offloaded = try OffloadedModel(
        model, on: prediction.profile, beside: profile, over: bus, precision: scenario.precision,
        router: scenario.evaluator.router, placement: placement)
      return (offloaded, offloaded.pass(scenario.workload))
    } catch let error as EvaluationError {
      throw InputError(error, profile)
    }
  }

  /// What joins the two: the slower end's PCIe where both state one.
  private func between(_ device: HardwareProfile, _ host: HardwareProfile) throws(InputError) -> FabricDomain
  {
    if let rate = try OperatingPoint.value(bus, .bytesPerSecond, "--bus") {
      return FabricDomain(name: "bus", devices: 2, bytesPerSecond: rate, topology: .host)
    }
    guard
      let pcie = [device, host].compactMap({ $0.fabric.first { $0.name == "pcie" } })
        .min(by: { $0.bytesPerSecond < $1.bytesPerSecond })
    else {
      throw InputError(
        .usage,
        "neither \(device.name) nor \(host.name) has a “pcie” among its fabric, the bus between; accepted: --bus, such as"
          + " 63GB/s for PCIe 5.0 x16")
    }
    return pcie
  }
}
