#!/usr/bin/env bash
# Builds llama-bench from the llama.cpp sources that llama-cpp-python carries: llama-bench.sh FOLDER
# prints the path of the executable. Needs pip and a C++ compiler; takes minutes.
set -euo pipefail
folder=$1
mkdir -p "$folder"
cd "$folder"
python3 -m venv tools
tools/bin/pip install -q cmake ninja >&2
tools/bin/pip download -q --no-deps --no-binary llama-cpp-python llama-cpp-python==0.3.36 >&2
tar xzf llama_cpp_python-*.tar.gz
PATH="$PWD/tools/bin:$PATH" cmake -S llama_cpp_python-*/vendor/llama.cpp -B build -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DBUILD_SHARED_LIBS=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
  -DLLAMA_BUILD_SERVER=OFF >&2
PATH="$PWD/tools/bin:$PATH" cmake --build build --target llama-bench >&2
echo "$PWD/build/bin/llama-bench"
