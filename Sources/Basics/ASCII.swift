extension StringProtocol {
  /// For terminals without other characters: each as it is written there, `?` where nobody has a way.
  public var ascii: String {
    escaped { scalar in
      guard !scalar.isASCII else { return nil }
      if let known = replacements[scalar] { return known }
      // Accents that stand by themselves go; letters are left without theirs.
      return (0x300..<0x370).contains(scalar.value) ? "" : "?"
    }
  }
}

private let replacements: [Unicode.Scalar: String] = [
  "“": "\"", "”": "\"", "’": "'", "×": "x", "·": "*", "…": "...", "−": "-", "÷": "/", "§": "section ",
  "–": "-",
  "—": "-", "→": "->", "²": "^2", "³": "^3", "µ": "u", "μ": "u", "ᵀ": "^T", "Θ": "Theta", "Σ": "sum",
  "≤": "<=",
  "≥": ">=", "θ": "theta", "α": "alpha", "γ": "gamma", "λ": "lambda", "π": "pi", "Φ": "Phi", "Δ": "Delta",
  "√": "sqrt", "─": "-", "│": "|", "└": "+", "╱": "/", "∞": "inf", "∝": "~", "±": "+-", "½": "1/2",
  "¼": "1/4",
  "₁": "_1", "₂": "_2", "⁻": "^-", "é": "e", "è": "e", "ä": "ae", "ö": "oe", "ü": "ue", "ñ": "n", "≈": "~",
]
