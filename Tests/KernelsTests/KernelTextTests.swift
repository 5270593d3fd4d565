import Kernels
import Specs
import Testing

@Suite struct KernelTextTests {
  @Test(arguments: [
    ("gemm:m=1,n=17,k=300", "gemm", "m=1 n=17 k=300"), ("gemv:k=3,n=5", "gemv", "n=5 k=3"),
    ("gemv-bf16:n=5,k=3", "gemv-bf16", "n=5 k=3"), ("stream-triad:n=100", "stream-triad", "n=100"),
    ("rmsnorm:rows=2,width=7", "rmsnorm", "rows=2 width=7"),
    ("softmax:rows=1,width=9", "softmax", "rows=1 width=9"),
    ("rope:rows=3,width=160,head_dim=80", "rope", "rows=3 width=160"),
    ("swiglu:rows=2,width=11", "swiglu", "rows=2 width=11"),
    ("attention-naive:length=9,head_dim=80", "attention-naive", "len=9 heads=1/1 dim=80"),
    ("attention-flash:length=9,heads=4,kv_heads=2,head_dim=64", "attention-flash", "len=9 heads=4/2 dim=64"),
    (
      "attention-sliding:length=9,head_dim=64,window=3", "attention-sliding",
      "len=9 heads=1/1 dim=64 window=3"
    ),
    ("decode:context=9,heads=8,head_dim=80", "decode", "batch=1 ctx=9 heads=8/1 dim=80"),
    ("decode-paged:context=9,head_dim=8,page=3", "decode-paged", "batch=1 ctx=9 heads=1/1 dim=8 page=3"),
    ("router:tokens=3,hidden=8,experts=4", "router", "tokens=3 hidden=8 experts=2/4"),
    (
      "experts:tokens=3,hidden=8,intermediate=5,experts=4,top_k=1,hot_percent=50", "experts",
      "tokens=3 hidden=8 inner=5 experts=1/4 hot=0.5"
    ),
    (
      "layer-moe-decode:context=9,hidden=8,head_dim=4,intermediate=5,experts=3", "layer-moe-decode",
      "batch=1 ctx=9 hidden=8 heads=1/1 dim=4 experts=2/3 inner=5"
    ),
    ("add:rows=2,width=3", "add", "rows=2 width=3"),
  ])
  func reads(_ text: String, _ name: String, _ shape: String) throws {
    let kernel = try KernelText.kernel(text, memoryBytes: 1e9)
    #expect(kernel.name == name && kernel.shape == shape)
  }

  @Test(arguments: [
    ("gem:m=1", "no kernel “gem”", "did you mean “gemm”"), ("", "no kernel “”", "accepted: "),
    ("gemm", "m is missing", "gemm:m=…,n=…,k=…"), ("gemm:m=1,n=2", "k is missing", "k=…"),
    ("gemm:m=1,n=2,k=0", "k=0", "1 to 1048576"), ("gemm:m=1,n=2,k=99999999999999999999", "k=999", "accepted"),
    ("gemm:m=1,n=2,k=3,k=4", "k is given twice", "--kernel gemm"),
    ("gemm:m=1,n=2,q=3", "no dimension “q”", "m, n, k"),
    ("gemm:m=1,,k=2", "no dimension “”", "accepted: m, n, k"),
    ("rope:rows=1,width=10,head_dim=4", "multiple", "even"),
    ("decode:context=3,heads=6,kv_heads=4,head_dim=8", "multiple of kv_heads", "heads has"),
    ("router:tokens=1,hidden=1,experts=2,top_k=3", "top_k", "at most experts"),
    ("gemm:m=1000000,n=1000000,k=1000000", "MiB", "this machine"),
  ])
  func refuses(_ text: String, _ words: String, _ more: String) {
    #expect {
      _ = try KernelText.kernel(text, memoryBytes: 1e9)
    } throws: { error in
      let message = "\(error)"
      return (error as? InputError)?.kind == .usage && message.contains(words) && message.contains(more)
    }
  }

  /// Columns of the table of measured runs, by their names there.
  @Test(arguments: [
    ("gemm:m=1,n=17,k=300", "gemm", ["m": 1, "n": 17, "k": 300]),
    ("gemv-bf16:n=5,k=3", "gemm", ["m": 1, "n": 5, "k": 3]), ("stream-copy:n=9", "stream-copy", ["n": 9]),
    ("swiglu:rows=2,width=11", "silu_mul", ["m": 2, "k": 22]),
    ("add:rows=2,width=3", "residual_add", ["m": 2, "k": 3]),
    (
      "attention-sliding:length=9,heads=4,kv_heads=2,head_dim=64,window=3", "attention_prefill",
      [
        "batch": 1, "seq_q": 9, "seq_kv": 9, "heads_q": 4, "heads_kv": 2, "head_dim": 64, "window": 3,
      ]
    ),
    (
      "decode-paged:batch=2,context=9,head_dim=8", "attention_decode",
      [
        "batch": 2, "seq_q": 1, "seq_kv": 9, "heads_q": 1, "heads_kv": 1, "head_dim": 8, "window": 0,
      ]
    ),
    ("router:tokens=3,hidden=8,experts=4", "router", ["m": 3, "n": 4, "k": 8]),
    (
      "experts:tokens=3,hidden=8,intermediate=5,experts=4", "moe",
      ["tokens": 3, "experts": 4, "topk": 2, "hidden": 8, "intermediate": 5]
    ),
    (
      "layer:tokens=7,hidden=8,head_dim=4,intermediate=5", "layer",
      [
        "m": 7, "n": 5, "k": 8, "batch": 1, "seq_q": 7, "seq_kv": 7, "heads_q": 1, "heads_kv": 1,
        "head_dim": 4,
      ]
    ),
    (
      "layer-moe-decode:batch=2,context=9,hidden=8,head_dim=4,intermediate=5,experts=3", "layer_moe_decode",
      [
        "m": 2, "n": 5, "k": 8, "batch": 2, "seq_q": 1, "seq_kv": 9, "heads_q": 1, "heads_kv": 1,
        "head_dim": 4,
      ]
    ),
  ])
  func isMeasured(_ text: String, _ name: String, _ columns: [String: Int]) throws {
    let shape = try KernelText.kernel(text, memoryBytes: 1e9).measured
    #expect(shape.kernel == name)
    for column in MeasuredShape.Column.allCases {
      #expect(shape[column] == columns[column.rawValue], "\(column)")
    }
  }

  /// What the grids run can be asked for by name, and shows its dimensions.
  @Test func everyKernelHasItsForm() throws {
    let names = KernelText.accepted.compactMap { $0.split(separator: ":").first.map(String.init) }
    #expect(Set(names).count == names.count)
    let model = try Catalogue.model("llama-3-8b")
    for kernel in Grid.witnesses + Grid.calibration + Grid.layer(model, tokens: 4, context: 64) {
      #expect(names.contains(kernel.name) && kernel.shape.contains("="), "\(kernel.name)")
    }
  }
}
