"""A Llama of random weights as a GGUF file, to time engines on: python3 make_gguf.py OUT.gguf [q4_0|q8_0|f16] [--layers N …]

Sizes are TinyLlama's 1.1 B unless others are given. Only the sizes and formats matter to the clock; there is no vocabulary
(tokenizer "no_vocab"), as llama-bench needs none. Every matrix has the one format, as `llama-quantize --pure` makes it.
"""

import argparse
import struct

import numpy

# GGML's type, llama.cpp's file type, elements and bytes of a block.
TYPES = {"f32": (0, 0, 1, 4), "f16": (1, 1, 1, 2), "q4_0": (2, 2, 32, 18), "q8_0": (8, 7, 32, 34)}
ALIGNMENT = 32


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def entry(key, value):
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    if isinstance(value, float):
        return text(key) + struct.pack("<If", 6, value)
    return text(key) + struct.pack("<II", 4, value)


def blocks(kind, count, random):
    """`count` elements; a megabyte or so of random blocks, over and over."""
    _, _, elements, size = TYPES[kind]
    total = count // elements
    some = min(total, 1 << 16)
    if kind in ("f16", "f32"):
        part = (random.standard_normal(some) * 0.02).astype(numpy.float16 if kind == "f16" else numpy.float32).tobytes()
    else:
        part = random.integers(0, 256, (some, size), dtype=numpy.uint8)
        scale = numpy.float16(0.02 / (4 if kind == "q4_0" else 64))
        part[:, :2] = numpy.frombuffer(scale.tobytes(), numpy.uint8)
        part = part.tobytes()
    return part * (total // some) + part[: total % some * size]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("output")
    options.add_argument("format", nargs="?", default="q4_0", choices=["q4_0", "q8_0", "f16"])
    for name, value in dict(layers=22, hidden=2048, heads=32, kv_heads=4, intermediate=5632, vocabulary=32000).items():
        options.add_argument("--" + name.replace("_", "-"), type=int, default=value)
    of = options.parse_args()
    head = of.hidden // of.heads
    fields = {
        "general.architecture": "llama", "general.name": f"random llama {of.format}",
        "general.file_type": TYPES[of.format][1], "llama.block_count": of.layers, "llama.context_length": 4096,
        "llama.embedding_length": of.hidden, "llama.feed_forward_length": of.intermediate,
        "llama.attention.head_count": of.heads, "llama.attention.head_count_kv": of.kv_heads,
        "llama.attention.layer_norm_rms_epsilon": 1e-5, "llama.rope.dimension_count": head,
        "llama.vocab_size": of.vocabulary, "tokenizer.ggml.model": "no_vocab",
    }
    tensors = [("token_embd.weight", of.hidden, of.vocabulary), ("output_norm.weight", of.hidden, 0),
               ("output.weight", of.hidden, of.vocabulary)]
    for layer in range(of.layers):
        for name, inputs, outputs in [
            ("attn_norm", of.hidden, 0), ("attn_q", of.hidden, of.hidden), ("attn_k", of.hidden, of.kv_heads * head),
            ("attn_v", of.hidden, of.kv_heads * head), ("attn_output", of.hidden, of.hidden), ("ffn_norm", of.hidden, 0),
            ("ffn_gate", of.hidden, of.intermediate), ("ffn_up", of.hidden, of.intermediate),
            ("ffn_down", of.intermediate, of.hidden),
        ]:
            tensors.append((f"blk.{layer}.{name}.weight", inputs, outputs))
    header, data, offset = b"", [], 0
    for name, inputs, outputs in tensors:
        kind = of.format if outputs else "f32"
        number, _, elements, size = TYPES[kind]
        shape = [inputs, outputs] if outputs else [inputs]
        header += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        header += struct.pack("<IQ", number, offset)
        count = inputs * max(outputs, 1)
        data.append((kind, count))
        offset += -(-count // elements * size // ALIGNMENT) * ALIGNMENT
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields))
    head += b"".join(entry(key, value) for key, value in fields.items()) + header
    random = numpy.random.default_rng(1)
    with open(of.output, "wb") as file:
        file.write(head + b"\0" * (-len(head) % ALIGNMENT))
        for kind, count in data:
            part = blocks(kind, count, random)
            file.write(part + b"\0" * (-len(part) % ALIGNMENT))


main()
