import CostModel

/// The formats that products and experts were measured in.
enum KernelFormat {
  /// 16 bits, or weights that are expanded to them.
  case wide
  case fp8, fp8Block, fp4

  var isWide: Bool { self == .wide }
}

extension RunGroup {
  /// A group to look for: any version, attention in 16 bits over a cache of 16 or 8, rows in 16.
  init(_ kernel: KernelClass, _ framework: Framework, format: KernelFormat, cache: NumberFormat) {
    let number: NumberFormat =
      switch format {
      case .wide: .bf16
      case .fp8: .fp8
      case .fp8Block: .fp8Block
      case .fp4: .nvfp4
      }
    var stored = RunFormat.silent
    switch kernel {
    case .attentionPrefill, .attentionDecode, .latentPrefill, .latentDecode:
      // Scales of a narrow cache are a tenth of a byte at most.
      stored = RunFormat(cache.bytesPerElement <= 1.1 ? .fp8 : .bf16)
    default: break
    }
    self.init(kernel, framework, format: RunFormat(number), cache: stored)
  }
}

extension Call {
  /// What its products' kernels were measured in.
  @inline(__always) var kernelFormat: KernelFormat {
    if kind == .router { return .wide }
    switch formats.compute {
    case .fp8:
      if case .fp8Block = formats.stored { return .fp8Block }
      return .fp8
    case .fp4: return .fp4
    default: return .wide
    }
  }

  /// Weights are stored narrower than what kernels multiply.
  @inline(__always)
  var expandsWeights: Bool { formats.stored.bytesPerElement < formats.input.bytesPerElement }

  /// The measured kernel of a row-wise call; nil where none was.
  @inline(__always) var rowsClass: KernelClass? {
    guard case .rows(let shape) = shape else { return nil }
    switch shape.operation {
    case .norm: return kind == .queryKeyNorm || kind == .stateNorm ? nil : .rmsNorm
    case .activate: return .siluMul
    case .rotate: return .rope
    case .add, .cacheWrite: return .residualAdd
    case .embed, .quantize: return nil
    }
  }

  /// Part of the measured kernel of another call.
  @inline(__always) var isHeldElsewhere: Bool {
    switch shape {
    case .join: true
    case .rows(let shape):
      switch shape.operation {
      case .quantize: true
      case .cacheWrite(let tokens): tokens > 1
      default: false
      }
    default: false
    }
  }

  /// Its class and shape among measured runs; nil where none was ever measured.
  var measured: (kernel: KernelClass, shape: RunShape)? {
    switch shape {
    case .product(var product):
      product.rows *= product.copies
      product.copies = 1
      return (.gemm, RunShape(.product(product)))
    case .attention(let attention): return (attention.kernelClass, RunShape(shape))
    case .experts: return (.mixture, RunShape(shape))
    case .rows: return isHeldElsewhere ? nil : rowsClass.map { ($0, RunShape(shape)) }
    case .join, .index, .scan, .message: return nil
    }
  }
}

extension AttentionCall {
  /// The measured kernel, by shape: keys and values of different widths, or read as one, are latent attention's.
  @inline(__always) var kernelClass: KernelClass {
    let isLatent = keyWidth != valueWidth || storedWidth < keyWidth + valueWidth
    if queries <= 1 { return isLatent ? .latentDecode : .attentionDecode }
    return isLatent ? .latentPrefill : .attentionPrefill
  }

  /// Prefill behind cached tokens was never measured: its products over those of the same prompt without them.
  @inline(__always) var prefixFactor: Double {
    guard prefix > 0 else { return 1 }
    var alone = self
    alone.prefix = 0
    return pairs / alone.pairs
  }
}
