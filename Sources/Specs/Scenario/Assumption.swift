import CostModel
import Deployment

/// What was taken where a request leaves something open, and changed a number.
public enum Assumption: Hashable, Sendable {
  /// The length lies outside what the model was made for.
  case range(PositionWarning)
  /// What a spec or profile left out.
  case taken(String)
  /// Prompt tokens of each sequence.
  case inputLength(Int)
  /// Cached tokens of each sequence.
  case contextLength(Int)
  /// Cached tokens: as many as the prompt has.
  case contextFromInput
  /// The precision that the checkpoint states.
  case checkpointFormat(NumberFormat)
  /// The precision that all compared models are taken in, and the checkpoint's own.
  case commonFormat(NumberFormat, own: NumberFormat?)
  /// bf16, since nobody named a precision.
  case usualFormat
  /// Only products' weights are this narrow; the plan says what the others are in.
  case narrowWeights(NumberFormat, PrecisionPlan, cacheIsOpen: Bool)
  /// The checkpoint's own format of routed experts.
  case expertFormat(NumberFormat)
  /// Some tensors are in formats of their own, as the checkpoint states.
  case tensorFormats
  /// Every image is a square of that side.
  case imageSize(Int)
  /// Seconds of sound.
  case audioSeconds(Int)
  /// Tokens that a decoder starts from.
  case decoderLength(Int)
  /// Tokens that one image, or the sound, puts into the prompt.
  case promptTokens(String, Double)
  /// The checkpoint's own format of keys and values.
  case cacheFormat(NumberFormat)
  /// Replicas that fill the devices which were named.
  case replicas(Int)
  /// The tool chose how the model is dealt out.
  case chosenSplit(ChosenSplit)
  /// One device is too small: the smallest number that holds the model was taken.
  case smallestNumber(ChosenSplit)
  /// The fullest rank stands for all.
  case uneven(Unevenness)
  /// Nobody says whether devices on that link read each other's memory.
  case peerAccess(String)
  /// The profile says nothing of other devices: messages cost nothing.
  case noFabric
  /// Messages are waited for.
  case nothingOverlaps
  /// So much of them is meant to pass behind computing.
  case overlaps(Double)
  /// The device was set to a clock or limit, and the clock that follows.
  case operatingPoint(OperatingPoint, clockHertz: Double?)
}
