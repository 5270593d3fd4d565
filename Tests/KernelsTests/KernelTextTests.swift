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
      LayerShape(
        .decode(batch: 1, context: 9), hidden: 8, heads: 1, keyValueHeads: 1, headDim: 4, intermediate: 5,
        experts: 3, topK: 2
      ).text
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
}
