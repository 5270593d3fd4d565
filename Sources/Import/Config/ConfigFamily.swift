import CostModel
import Specs

/// What reads a `model_type`: one entry a family, one small file each in `Families/`.
struct ConfigFamily: Sendable {
  typealias Reader = @Sendable (inout ConfigFields) throws(InputError) -> ModelSpec

  let modelTypes: [String]
  let read: Reader

  init(_ modelTypes: [String], _ read: @escaping Reader) {
    self.modelTypes = modelTypes
    self.read = read
  }

  static func named(_ modelType: String) -> ConfigFamily? {
    all.first { $0.modelTypes.contains(modelType) }
  }

  static let all: [ConfigFamily] = [
    ConfigFamily(["llama", "granite", "hyperclovax", "iquestcoder"], LlamaFamily.read),
    ConfigFamily(["smollm3"], LlamaFamily.smol),
    ConfigFamily(["llama4_text"], Llama4Family.read),
    ConfigFamily(["mistral"], MistralFamily.read),
    ConfigFamily(["mixtral"], MistralFamily.mixtral),
    ConfigFamily(["ministral", "ministral3", "cwm"], MistralFamily.ministral),
    ConfigFamily(["qwen2", "qwen2_vl_text", "qwen2_5_vl_text", "qwen2_5_omni_text"], QwenFamily.two),
    ConfigFamily(["qwen2_moe"], QwenFamily.twoMixture),
    ConfigFamily(["qwen3", "qwen3_vl_text"], QwenFamily.three),
    ConfigFamily(["qwen3_moe", "qwen3_vl_moe_text", "qwen3_omni_moe_text"], QwenFamily.threeMixture),
    ConfigFamily(["qwen3_next", "qwen3_5_moe_text"], QwenNextFamily.mixture),
    ConfigFamily(["qwen3_5_text"], QwenNextFamily.dense),
    ConfigFamily(["gemma"], GemmaFamily.one),
    ConfigFamily(["gemma2", "vaultgemma"], GemmaFamily.two),
    ConfigFamily(["gemma3_text"], GemmaFamily.three),
    ConfigFamily(["gemma3n_text"], GemmaFamily.threeN),
    ConfigFamily(["gemma4_text"], GemmaFamily.four),
    ConfigFamily(["phi", "phi-msft"], PhiFamily.two),
    ConfigFamily(["phi3"], PhiFamily.three),
    ConfigFamily(["phimoe"], PhiFamily.mixture),
    ConfigFamily(["gpt2"], GPTFamily.two),
    ConfigFamily(["gpt_bigcode"], GPTFamily.bigCode),
    ConfigFamily(["gpt_neo"], GPTFamily.neo),
    ConfigFamily(["gptj", "codegen"], GPTFamily.j),
    ConfigFamily(["gpt_neox"], GPTNeoXFamily.read),
    ConfigFamily(["gpt_oss"], GPTOSSFamily.read),
    ConfigFamily(["stablelm"], StableLMFamily.read),
    ConfigFamily(["opt"], OPTFamily.read),
    ConfigFamily(["xglm", "biogpt"], OPTFamily.other),
    ConfigFamily(["bart", "mbart", "m2m_100", "pegasus"], BARTFamily.read),
    ConfigFamily(["bloom"], BloomFamily.read),
    ConfigFamily(["mpt"], MPTFamily.read),
    ConfigFamily(["falcon", "RefinedWeb", "RefinedWebModel"], FalconFamily.read),
    ConfigFamily(["cohere"], CohereFamily.one),
    ConfigFamily(["cohere2"], CohereFamily.two),
    ConfigFamily(["cohere2_moe"], CohereFamily.mixture),
    ConfigFamily(["olmo"], OLMoFamily.one),
    ConfigFamily(["olmo2"], OLMoFamily.two),
    ConfigFamily(["olmo3"], OLMoFamily.three),
    ConfigFamily(["olmoe", "flex_olmo"], OLMoFamily.mixture),
    ConfigFamily(["olmo_hybrid"], OLMoFamily.hybrid),
    ConfigFamily(["starcoder2"], StarCoder2Family.read),
    ConfigFamily(["nemotron"], NemotronFamily.read),
    ConfigFamily(["nemotron_h"], NemotronHFamily.read),
    ConfigFamily(["nemotron-nas"], NemotronNASFamily.read),
    ConfigFamily(["glm"], GLMFamily.four),
    ConfigFamily(["glm4", "glm4v_text", "glm_ocr_text"], GLMFamily.four0414),
    ConfigFamily(["glm4_moe", "glm4v_moe_text"], GLMFamily.mixture),
    ConfigFamily(["dbrx"], DBRXFamily.read),
    ConfigFamily(["grok-1", "grok"], GrokFamily.read),
    ConfigFamily(["minimax", "minimax_text_01", "minimax_m1"], MiniMaxFamily.one),
    ConfigFamily(["minimax_m2"], MiniMaxFamily.two),
    ConfigFamily(["minimax_m3", "minimax_m3_vl_text"], MiniMaxFamily.three),
    ConfigFamily(
      ["deepseek_v2", "minicpm3", "youtu", "mistral4", "deepseek_ocr2_text"], DeepSeekFamily.two),
    ConfigFamily(
      ["deepseek_v3", "kimi_k2", "deepseek_v32", "glm_moe_dsa", "glm4_moe_lite", "sarvam_mla", "axk1"],
      DeepSeekFamily.three),
    ConfigFamily(["deepseek_v4"], DeepSeekV4Family.read),
    ConfigFamily(["bert", "roberta", "xlm-roberta"], BERTFamily.read),
    ConfigFamily(["modernbert"], BERTFamily.modern),
    ConfigFamily(["t5", "mt5", "umt5"], T5Family.read),
    ConfigFamily(["whisper"], WhisperFamily.read),
    ConfigFamily(["mllama_text_model"], MllamaFamily.read),
    ConfigFamily(["arcee"], ArceeFamily.read),
    ConfigFamily(["ernie4_5", "paddleocr_vl_text"], ErnieFamily.dense),
    ConfigFamily(["ernie4_5_moe"], ErnieFamily.mixture),
    ConfigFamily(["exaone4"], Exaone4Family.read),
    ConfigFamily(
      ["granitemoe", "granitemoeshared", "granite_swa", "granitemoe_swa"], GraniteMoEFamily.read),
    ConfigFamily(["afmoe"], LaterMixture.trinity.read),
    ConfigFamily(["exaone_moe"], LaterMixture.exaone.read),
    ConfigFamily(["hy_v3"], LaterMixture.hunyuan.read),
    ConfigFamily(["solar_open"], LaterMixture.solar.read),
    ConfigFamily(["sarvam_moe"], LaterMixture.sarvam.read),
    ConfigFamily(["laguna"], LaterMixture.laguna.read),
    ConfigFamily(["mellum"], LaterMixture.mellum.read),
    ConfigFamily(["helium"], HeliumFamily.read),
    ConfigFamily(["seed_oss"], SeedOSSFamily.read),
    ConfigFamily(["jamba"], JambaFamily.read),
    ConfigFamily(["bamba"], HybridFamily.bamba),
    ConfigFamily(["granitemoehybrid"], HybridFamily.granite),
    ConfigFamily(["falcon_h1"], HybridFamily.falcon),
    ConfigFamily(["lfm2"], LFMFamily.dense),
    ConfigFamily(["lfm2_moe"], LFMFamily.mixture),
    ConfigFamily(["kimi_linear"], KimiFamily.linear),
    ConfigFamily(["mimo_v2_flash"], MiMoFamily.flash),
    ConfigFamily(["step3p5"], StepFamily.flash),
    ConfigFamily(["bailing_moe", "bailing_moe_v2"], BailingFamily.read),
    ConfigFamily(["bailing_hybrid", "bailing_moe_linear"], BailingFamily.hybrid),
    ConfigFamily(["longcat_flash"], LongCatFamily.read),
    ConfigFamily(["hunyuan_v1_moe"], BailingFamily.hunyuan),
    ConfigFamily(["dots1"], BailingFamily.dots),
    ConfigFamily(["apertus", "apertus1p5_text"], PlainFamily.apertus.read),
    ConfigFamily(["aria_text"], PlainFamily.aria),
    ConfigFamily(["jais2"], PlainFamily.jais.read),
    ConfigFamily(["nanochat"], PlainFamily.nanochat.read),
    ConfigFamily(["bitnet"], PlainFamily.bitNet.read),
    ConfigFamily(["mimo"], PlainFamily.mimo.read),
    ConfigFamily(["hunyuan_v1_dense"], PlainFamily.hunyuan.read),
    ConfigFamily(["internlm2", "internlm3"], PlainFamily.internLM.read),
    ConfigFamily(["exaone"], PlainFamily.exaone.read),
    ConfigFamily(["minicpm"], PlainFamily.miniCPM.read),
    ConfigFamily(["baichuan"], PlainFamily.baichuan.read),
    ConfigFamily(["mamba", "falcon_mamba"], StateSpaceFamily.mamba),
    ConfigFamily(["mamba2"], StateSpaceFamily.mamba2),
  ]

  static var modelTypes: [String] { all.flatMap(\.modelTypes).sorted() }
}
