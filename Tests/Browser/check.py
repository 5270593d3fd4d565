#!/usr/bin/env python3
"""Opens HTML reports in headless Chromium, wide and narrow, light and dark, and checks them from inside the page.

Usage: check.py ROOFTREE [CHROMIUM]      exit status 1 when a check fails
Checks: no script error, no request beside the file itself, every number in a table found in the embedded JSON, every
operator's mark inside its chart and under its roof, text contrast of at least 4.5 : 1, a text alternative for every
chart, nothing wider than the window, rows sortable.
"""
import json, os, re, shutil, subprocess, sys, tempfile

PROBE = r"""
<script>
addEventListener("load", () => {
  const problems = [...window.scriptErrors];
  const result = JSON.parse(document.getElementById("result").textContent);
  const numbers = new Set();
  (function walk(value) {
    if (typeof value === "number") numbers.add(value);
    else if (value && typeof value === "object") Object.values(value).forEach(walk);
  })(result);
  let values = 0;
  for (const cell of document.querySelectorAll("[data-value]")) {
    values += 1;
    if (!numbers.has(Number(cell.dataset.value))) problems.push("not in the JSON: " + cell.textContent + " " + cell.dataset.value);
  }
  if (!values) problems.push("no table holds a number");
  const devices = (result.results ?? [result]).map((one) => one.hardware);
  let marks = 0;
  for (const mark of document.querySelectorAll(".operator")) {
    marks += 1;
    const box = mark.getBBox(), svg = mark.ownerSVGElement, view = svg.viewBox.baseVal;
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    if (x < 74 || x > view.width - 150 || y < 40 || y > view.height - 52) problems.push("outside its chart: " + mark.dataset.operator);
    const rate = Number(mark.dataset.rate), intensity = Number(mark.dataset.intensity);
    const under = devices.some((device) => rate <= 1.000001 * Math.min(
      Math.max(device.vector_flops_per_second, ...Object.values(device.peaks)), intensity * device.memory[0].bytes_per_second));
    if (!under) problems.push("above its roof: " + mark.dataset.operator);
  }
  if (!marks) problems.push("no mark is drawn");
  const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = (text) => {
    const [r, g, b] = text.match(/[\d.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = luminance(getComputedStyle(document.body).backgroundColor);
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  for (const element of document.querySelectorAll("h1,h2,p,li,td,th,button,code,figcaption,svg text")) {
    const style = getComputedStyle(element);
    const ink = luminance(element.closest("svg") ? style.fill : style.color);
    if (ratio(ink, paper) < 4.5) { problems.push("contrast " + ratio(ink, paper).toFixed(2) + ": " + element.textContent.slice(0, 30)); break; }
  }
  for (const chart of document.querySelectorAll("svg.chart")) {
    const text = (chart.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "");
    if (text.length < 2 || text.some((part) => part.length < 5)) problems.push("a chart without a text alternative");
  }
  if (document.documentElement.scrollWidth > innerWidth + 1) problems.push("wider than the window: " + document.documentElement.scrollWidth);
  const sortable = document.querySelector("table.sortable");
  if (sortable) {
    const button = [...sortable.querySelectorAll("thead button")].find((one) => one.textContent === "time");
    const column = button.closest("th").cellIndex;
    button.click();
    const times = [...sortable.tBodies[0].rows].map((row) => Number(row.cells[column].dataset.value));
    if (times.some((time, index) => index && time > times[index - 1])) problems.push("sorting by time does not sort");
  }
  const focusable = [...document.querySelectorAll("a[href],button,[tabindex]")];
  if (!focusable.length || focusable.some((one) => one.tabIndex > 0)) problems.push("focus order is not the order of the page");
  const pre = document.createElement("pre");
  pre.id = "probe";
  pre.textContent = JSON.stringify({ problems, values, marks, width: innerWidth, dark: matchMedia("(prefers-color-scheme: dark)").matches });
  document.body.append(pre);
});
</script>
"""


def main():
    rooftree = os.path.abspath(sys.argv[1])
    chromium = sys.argv[2] if len(sys.argv) > 2 else shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print("no Chromium here: pages not checked")
        return 0
    pages = {
        "compare": ["compare", "gpt-3-175b", "llama-3-70b", "mixtral-8x7b", "--on", "h100-sxm"],
        "analyze": ["analyze", "mixtral-8x7b", "--on", "h100-sxm", "--phase", "decode", "-b", "16"],
        "prefill": ["analyze", "mistral-7b", "--on", "l4", "--dtype", "fp8"],
    }
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, command in pages.items():
            path = os.path.join(folder, name + ".html")
            subprocess.run([rooftree, *command, "--format", "html", "--output", path], check=True)
            text = open(path, encoding="utf-8").read()
            if re.search(r"(?:src|href)=\"(?!#|data:)", text) or len(text.encode()) > 400_000:
                print(f"{name}: refers to something outside, or is larger than 400 kB ({len(text.encode())} bytes)")
                failed += 1
            early = "<script>window.scriptErrors=[];addEventListener('error',(e)=>scriptErrors.push(String(e.message)));</script>"
            probed = os.path.join(folder, name + "-probed.html")
            open(probed, "w", encoding="utf-8").write(
                text.replace("<title>", early + "<title>", 1).replace("</body>", PROBE + "</body>", 1))
            for width in (1280, 400):
                for scheme, setting in (("light", 1), ("dark", 0)):
                    log = os.path.join(folder, "net.json")
                    run = subprocess.run(
                        [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},1000",
                         f"--blink-settings=preferredColorScheme={setting}", "--enable-logging=stderr",
                         f"--log-net-log={log}", "--disable-background-networking", "--disable-component-update",
                         "--virtual-time-budget=3000", "--dump-dom", "file://" + probed],
                        capture_output=True, text=True, timeout=120)
                    found = re.search(r'<pre id="probe">(.*?)</pre>', run.stdout, re.S)
                    label = f"{name} {width} {scheme}"
                    if not found:
                        print(f"{label}: the page did not finish\n{run.stderr[-500:]}")
                        failed += 1
                        continue
                    state = json.loads(found.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
                    problems = state["problems"]
                    problems += [line for line in run.stderr.splitlines() if "CONSOLE" in line]
                    if state["dark"] != (scheme == "dark"):
                        problems.append("colour scheme was not taken")
                    requests = set(re.findall(r'"url":"(https?://[^"]+)"', open(log).read())) if os.path.exists(log) else set()
                    # The browser's own start-up traffic is not the page's.
                    problems += [f"request {url}" for url in requests if "google" not in url and "gvt1" not in url]
                    print(f"{label}: {state['values']} numbers, {state['marks']} marks, {len(problems)} problems")
                    for problem in problems[:8]:
                        print("   ", problem)
                    failed += bool(problems)
    return 1 if failed else 0


sys.exit(main())
