extension KernelText {
  static let forms = streams + products + rows + attention + mixture + layers

  private static let streams = StreamKernel.Operation.allCases.map { operation in
    Form(
      name: "stream-\(operation.rawValue)", dimensions: [Dimension("n", nil, 1...(1 << 32))],
      elements: { 3 * $0[0] }, make: { StreamKernel(operation, elements: $0[0]) })
  }

  private static let products = [
    Form(
      name: "gemm", dimensions: [Dimension("m"), Dimension("n"), Dimension("k")],
      elements: { $0[0] * $0[2] + $0[1] * $0[2] + $0[0] * $0[1] },
      make: { GemmKernel(m: $0[0], n: $0[1], k: $0[2]) }),
    Form(
      name: "gemv", dimensions: [Dimension("n"), Dimension("k")], elements: { $0[0] * $0[1] },
      make: { GemvKernel(n: $0[0], k: $0[1]) }),
    Form(
      name: "gemv-bf16", dimensions: [Dimension("n"), Dimension("k")], elements: { 2 * $0[0] * $0[1] },
      make: { GemvKernel(n: $0[0], k: $0[1], bf16: true) }),
  ]

  private static let rows = RowKernel.Operation.allCases.map { operation in
    let size = [Dimension("rows"), Dimension("width")]
    let elements: @Sendable ([Double]) -> Double = { 4 * $0[0] * $0[1] }
    guard operation == .rope else {
      return Form(
        name: operation.rawValue, dimensions: size, elements: elements,
        make: { RowKernel(operation, rows: $0[0], width: $0[1]) })
    }
    return Form(
      name: operation.rawValue, dimensions: size + [Dimension("head_dim", nil, 2...65_536)],
      elements: elements,
      refusal: {
        $0[2] % 2 == 0 && $0[1] % $0[2] == 0 ? nil : "head_dim has to be even and width a multiple of it"
      },
      make: { RowKernel(operation, rows: $0[0], width: $0[1], headDim: $0[2]) })
  }

  private static let attention =
    ["attention-naive", "attention-flash", "attention-sliding"].map { name in
      let sliding = name == "attention-sliding"
      return Form(
        name: name,
        dimensions: [
          Dimension("length"), Dimension("heads", 1), Dimension("kv_heads", 1),
          Dimension("head_dim", nil, 1...4096),
          Dimension("window", sliding ? nil : 0, (sliding ? 1 : 0)...1_048_576),
        ],
        elements: { values in
          let (length, heads, dim) = (values[0], values[1] + values[2], values[3])
          return 2 * heads * length * dim + (name == "attention-naive" ? length * length : length * dim * 4)
        },
        refusal: { groups($0[1], $0[2]) },
        make: {
          let shape = AttentionShape(
            length: $0[0], heads: $0[1], keyValueHeads: $0[2], headDim: $0[3], window: $0[4])
          return name == "attention-naive" ? NaiveAttention(shape) : FlashAttention(shape)
        })
    }
    + ["decode", "decode-paged"].map { name in
      let paged = name == "decode-paged"
      return Form(
        name: name,
        dimensions: [
          Dimension("batch", 1, 1...65_536), Dimension("context"), Dimension("heads", 1, 1...65_536),
          Dimension("kv_heads", 1, 1...65_536), Dimension("head_dim", nil, 1...4096),
        ] + (paged ? [Dimension("page", 16)] : []),
        elements: { values in
          let tokens = values[1] + (paged ? values[5] : 0)
          return values[0] * values[4] * (2 * tokens * values[3] + 2 * values[2]) + values[2] * tokens
        },
        refusal: { groups($0[2], $0[3]) },
        make: {
          DecodeAttention(
            batch: $0[0], context: $0[1], heads: $0[2], keyValueHeads: $0[3], headDim: $0[4],
            pageTokens: paged ? $0[5] : 0)
        })
    }

  private static func groups(_ heads: Int, _ keyValueHeads: Int) -> String? {
    heads % keyValueHeads == 0 ? nil : "heads has to be a multiple of kv_heads"
  }

  private static let mixture = [
    Form(
      name: "router",
      dimensions: [
        Dimension("tokens"), Dimension("hidden"), Dimension("experts", nil, 1...4096),
        Dimension("top_k", 2, 1...4096),
      ],
      elements: { $0[0] * $0[1] + $0[2] * $0[1] + $0[0] * ($0[2] + 2 * $0[3]) },
      refusal: { $0[3] <= $0[2] ? nil : "top_k has to be at most experts" },
      make: { RouterKernel(tokens: $0[0], hidden: $0[1], experts: $0[2], topK: $0[3]) }),
    Form(
      name: "experts",
      dimensions: [
        Dimension("tokens"), Dimension("hidden"), Dimension("intermediate"),
        Dimension("experts", nil, 1...4096),
        Dimension("top_k", 2, 1...4096), Dimension("hot_percent", 0, 0...100),
      ],
      elements: { $0[3] * 3 * $0[1] * $0[2] + $0[0] * (4 * $0[1] + 2 * $0[2]) },
      refusal: { $0[4] <= $0[3] ? nil : "top_k has to be at most experts" },
      make: {
        ExpertsKernel(
          tokens: $0[0], hidden: $0[1], intermediate: $0[2], experts: $0[3], topK: $0[4],
          hotShare: Double($0[5]) / 100)
      }),
  ]

  private static let layers = [false, true].flatMap { experts in
    [false, true].map { decode in
      let work = decode ? [Dimension("batch", 1, 1...65_536), Dimension("context")] : [Dimension("tokens")]
      let widths = [
        Dimension("hidden"), Dimension("heads", 1, 1...65_536), Dimension("kv_heads", 1, 1...65_536),
        Dimension("head_dim", nil, 2...4096), Dimension("intermediate"),
      ]
      let mixture = experts ? [Dimension("experts", nil, 2...4096), Dimension("top_k", 2, 1...4096)] : []
      @Sendable func shape(_ values: [Int]) -> LayerShape {
        let at = work.count
        return LayerShape(
          decode ? .decode(batch: values[0], context: values[1]) : .prefill(tokens: values[0]),
          hidden: values[at], heads: values[at + 1], keyValueHeads: values[at + 2], headDim: values[at + 3],
          intermediate: values[at + 4], experts: experts ? values[at + 5] : 1,
          topK: experts ? values[at + 6] : 1)
      }
      return Form(
        name: "layer" + (experts ? "-moe" : "") + (decode ? "-decode" : ""),
        dimensions: work + widths + mixture,
        elements: { values in
          let shape = shape(values.map { Int($0) })
          let rows =
            values[0] * Double(6 * shape.hidden + 6 * shape.heads * shape.headDim + 4 * shape.intermediate)
          let cache = 2 * Double(shape.keyValueHeads * shape.headDim) * values[0] * (decode ? values[1] : 1)
          return shape.weightBytes / 4 + rows + cache
        },
        refusal: { values in
          let shape = shape(values)
          if shape.headDim % 2 != 0 { return "head_dim has to be even" }
          if shape.topK > shape.experts { return "top_k has to be at most experts" }
          return groups(shape.heads, shape.keyValueHeads)
        }, make: { LayerKernel(shape($0)) })
    }
  }
}
