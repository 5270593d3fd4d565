#!/usr/bin/env python3
"""Opens HTML reports in headless Chromium, wide and narrow, light and dark, and measures them from inside the page.

Usage: check.py ROOFTREE [--pages N] [--seed N] [--keep FOLDER]      exit status 1 when a check fails, or no browser is there
Named pages of every kind, and N (40) of random models, devices and phases. Checks: no script error, nothing loaded
beside the file, the first picture within 900 pixels, nothing clipped or wider than the window, no label's box over
another's, over a roof or over a thin line, letters of ten pixels, no rows without end, operators of 5 % or more named and those under 1 % not, leaders that end at a mark, numbers of
analyses found in the embedded JSON, marks inside their frame and under their roof, contrast, names for keyboard and
screen reader, rows and marks that highlight each other, sorting and filtering. --keep leaves pages and screenshots.
"""
import argparse, base64, json, os, random, shutil, socket, subprocess, sys, tempfile, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SIZES = {"show": 1_000_000, "compare": 450_000, "validate": 400_000}
NAMED = {
    "compare": "compare gpt-3-175b llama-3-70b mixtral-8x7b --on h100-sxm --explain",
    "devices": "compare llama-3-8b --on h100-sxm,l4,mi300x",
    "analyze": "analyze mixtral-8x7b --on h100-sxm --phase decode -b 16",
    "prefill": "analyze mistral-7b --on l4 --dtype fp8",
    "request": "analyze llama-3-8b --on h100-sxm --isl 1000 --osl 250",
    "columns": "analyze llama-3-8b --on h100-sxm --phase decode -b 1,8,64",
    "deployed": "analyze llama-3-70b --on h100-sxm:8 --tp 4 --pp 2 --phase decode",
    "show": "show mistral-7b",
    "attention": "attention --on a100-sxm-40gb --backward",
    "served": "analyze llama-3-8b --on h100-sxm --phase serve --isl 1000 --osl 250 --concurrency 32",
    "server-rate": "analyze llama-3-8b --on h100-sxm --phase serve --isl 1000 --osl 250 --request-rate 4",
    "server-unstable": "analyze llama-3-8b --on l4 --phase serve --isl 1000 --osl 250 --request-rate 40",
    "servers-compared": "compare llama-3-8b mistral-7b --on h100-sxm --phase serve --isl 1000 --osl 250 --concurrency 16",
    "alike": "compare llama-3-8b mistral-7b phi-4 --on h100-sxm,l4",
    "tower": "analyze t5-xxl --on l4",
    "offloaded": "analyze llama-3-70b --on l4 --gpu-layers 20 --host epyc-9654 --phase decode",
    "models": "models",
    "hardware": "hardware",
    "crosscheck": "crosscheck --no-timing",
    "claims": "crosscheck --claims",
    "bench": "bench gemv rmsnorm --budget 0.01",
    "probe": "probe --budget 0.005",
    "import": f"import {ROOT}/Tests/ImportTests/Configs/gemma-3-27b.json --report",
    "servers": f"validate --measurements {ROOT}/Documentation/examples/servers.csv",
    "collectives": f"validate --measurements {ROOT}/Documentation/examples/collectives.csv",
    "passes": f"validate --measurements {ROOT}/Documentation/examples/passes.csv",
}


class Browser:
    """A session of chromedriver, spoken to in its own protocol."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.driver = subprocess.Popen([shutil.which("chromedriver"), f"--port={port}"], stdout=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                urllib.request.urlopen(self.url + "/status", timeout=5)
                break
            except OSError:
                time.sleep(0.1)
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]}
        made = self.call("/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.url += "/session/" + made["sessionId"]
        self.devtools("Page.addScriptToEvaluateOnNewDocument", source="""
            window.scriptErrors = [];
            addEventListener("error", (event) => scriptErrors.push(String(event.message)));
            addEventListener("securitypolicyviolation", (event) => scriptErrors.push("refused " + event.blockedURI));""")

    def call(self, path, body=None):
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def devtools(self, command, **values):
        return self.call("/goog/cdp/execute", {"cmd": command, "params": values})

    def open(self, path, width, scheme):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False)
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("/url", {"url": "file://" + path})

    def run(self, script, *values):
        return self.call("/execute/sync", {"script": script, "args": list(values)})

    def picture(self, path):
        self.run("document.activeElement.blur(); scrollTo(0, 0)")
        size = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        data = self.devtools("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        try:
            # The browser ends with its session, not with its driver.
            urllib.request.urlopen(urllib.request.Request(self.url, method="DELETE"), timeout=20)
        except OSError:
            pass
        self.driver.terminate()
        self.driver.wait(20)


def random_pages(rooftree, count, seed):
    """Pages that nobody chose: a model, a device that computes its format, a phase, a batch and a length."""
    def names(command):
        found = subprocess.run([rooftree, command, "--format", "json"], check=True, capture_output=True, text=True)
        return [one["name"] for one in json.loads(found.stdout)[command]]

    models, devices, chance = names("models"), names("hardware"), random.Random(seed)
    pages = {}
    while len(pages) < count:
        phase = chance.choice(["prefill", "decode"])
        length = "--context-len" if phase == "decode" else "--input-len"
        words = ["analyze", chance.choice(models), "--on", chance.choice(devices), "--phase", phase, "--batch-size",
                 str(chance.choice([1, 2, 8, 32, 128])), length, str(chance.choice([64, 512, 2048, 4000, 8192]))]
        name = f"random-{len(pages) + 1}"
        pages[name] = words
        if subprocess.run([rooftree, *words], capture_output=True).returncode not in (0, 1):
            del pages[name]
    return pages


def measured(path, seed):
    """As many runs as a device's campaign has, of made-up shapes and about their time."""
    chance = random.Random(seed)
    with open(path, "w", encoding="utf-8") as file:
        file.write("source,gpu,framework,version,kernel,dtype,m,n,k,batch,seq_q,seq_kv,heads_q,heads_kv,head_dim,time_us\n")
        for row in range(6600):
            off = chance.lognormvariate(0.2, 0.3)
            if row % 3:
                m, n, k = (2 ** chance.randint(low, 14) for low in (0, 8, 8))
                seconds = max(2 * m * n * k / 6e14, 2 * (m * k + n * k + m * n) / 2.6e12) + 3e-6
                file.write(f"made,h100_sxm,vllm,0.10.0,gemm,float16,{m},{n},{k},,,,,,,{1e6 * seconds * off}\n")
            else:
                batch, length = 2 ** chance.randint(0, 6), 2 ** chance.randint(6, 13)
                seconds = batch * length * 8 * 128 * 4 / 2.4e12 + 8e-6
                file.write(f"made,h100_sxm,vllm,0.10.0,attention_decode,float16,,,,{batch},1,{length},32,8,128,{1e6 * seconds * off}\n")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("rooftree")
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=25)
    parser.add_argument("--keep")
    parser.add_argument("--only", help="the start of the names of pages to open")
    asked = parser.parse_args()
    rooftree = os.path.abspath(asked.rooftree)
    if not (shutil.which("chromium") or shutil.which("google-chrome")) or not shutil.which("chromedriver"):
        print("neither Chromium nor its driver is here (apt-get install chromium chromium-driver): pages not checked")
        return 1
    folder = asked.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    pages = {name: command.split() for name, command in NAMED.items()}
    runs = os.path.join(folder, "runs.csv")
    measured(runs, asked.seed)
    pages["validate"] = ["validate", "--measurements", runs, "--on", "h100-sxm"]
    pages.update(random_pages(rooftree, asked.pages, asked.seed))
    with open(os.path.join(HERE, "probe.js"), encoding="utf-8") as file:
        probe = file.read()
    failed, browser = 0, Browser()
    try:
        for name, command in pages.items():
            if asked.only and not name.startswith(asked.only):
                continue
            path = os.path.join(folder, name + ".html")
            made = subprocess.run([rooftree, *command, "--format", "html", "--output", path], capture_output=True, text=True)
            if made.returncode not in (0, 1):
                print(f"{name}: {made.stderr}")
                failed += 1
                continue
            size = os.path.getsize(path)
            problems = []
            if size > SIZES.get(name, 450_000):
                problems.append(f"{size} bytes")
            schemes = [("light", 1280), ("dark", 400)] if name.startswith("random") else [
                (scheme, width) for width in (1280, 400) for scheme in ("light", "dark")]
            for scheme, width in schemes:
                browser.open(path, width, scheme)
                state = browser.run(probe, scheme == "dark")
                problems += [f"{width} {scheme}: {problem}" for problem in state["problems"][:8]]
                if asked.keep:
                    browser.picture(os.path.join(folder, f"{name}-{width}-{scheme}.png"))
            print(f"{name}: {size // 1000} kB, {state['labels']} labels, {state['marks']} marks, {len(problems)} problems"
                  + (" (" + " ".join(command) + ")" if problems else ""))
            for problem in problems[:12]:
                print("   ", problem)
            failed += bool(problems)
    finally:
        browser.close()
        if not asked.keep:
            shutil.rmtree(folder)
    print(f"{failed} of {len(pages)} pages failed" if failed else f"{len(pages)} pages are as they should be")
    return 1 if failed else 0


sys.exit(main())
