// What check.py asks a page from inside; returns what is wrong with it.
const [isDark] = arguments;
const problems = [...window.scriptErrors];
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const say = (what, element) => problems.push(what + ": " + (element?.textContent ?? "").trim().slice(0, 50));
const visible = (element) => element.getClientRects().length > 0;

if (matchMedia("(prefers-color-scheme: dark)").matches !== isDark) problems.push("colour scheme was not taken");
if (performance.getEntriesByType("resource").some((one) => !one.name.startsWith("data:"))) problems.push("loads something");
for (const one of all("[src],link[href]")) {
  if (!/^(#|data:)/.test(one.getAttribute("src") ?? one.getAttribute("href"))) say("external address", one);
}

// Pictures stand first, and nothing is cut off.
const charts = all("svg.chart");
if (!charts.length) problems.push("no picture");
else if (charts[0].getBoundingClientRect().top + scrollY >= 900) problems.push("first picture at " + charts[0].getBoundingClientRect().top);
if (document.documentElement.scrollWidth > innerWidth) problems.push("wider than the window: " + document.documentElement.scrollWidth);
for (const element of all("body *")) {
  if (element.closest(".scroll,svg,script,style,.skip") || !visible(element)) continue;
  const box = element.getBoundingClientRect();
  if (box.right > innerWidth + 1 || box.left < -1) say("cut off at " + Math.round(box.right), element);
}
for (const one of all(".scroll")) {
  if (one.scrollWidth <= one.clientWidth + 1) continue;
  const first = one.querySelector("tbody th, tbody td");
  one.scrollLeft = 1000;
  if (first && Math.abs(first.getBoundingClientRect().left - one.getBoundingClientRect().left) > 1) say("first column scrolls away", first);
  one.scrollLeft = 0;
}

// Rows are no empty regions, and figures have no more digits than they mean.
for (const row of all("tbody tr")) {
  if (row.getBoundingClientRect().height > 160) { say("a row of " + Math.round(row.getBoundingClientRect().height) + " pixels", row); break; }
}
for (const element of all("td,.answer,figcaption,svg text")) {
  const many = element.textContent.match(/(^|[^\d.,])(0\.0{4}|1\.000\b|\d0\.00\b|\d\d\d\.\d+ %)/);
  if (many) { say("digits of " + many[0], element); break; }
}

// Labels: inside their picture, over no other and over no roof.
const overlap = (a, b, slack = 0.5) => a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack;
const crosses = (box, a, b) => {
  let from = 0, to = 1;
  for (const [step, room] of [[a.x - b.x, a.x - box.left], [b.x - a.x, box.right - a.x], [a.y - b.y, a.y - box.top], [b.y - a.y, box.bottom - a.y]]) {
    if (step === 0) { if (room < 0) return false; }
    else if (step < 0) from = Math.max(from, room / step);
    else to = Math.min(to, room / step);
  }
  return from < to;
};
const onScreen = (svg, x, y) => new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
let labels = 0, marks = 0;
for (const svg of charts) {
  const frame = svg.getBoundingClientRect();
  const texts = all("text", svg).filter(visible).map((element) => ({ element, box: element.getBoundingClientRect() }));
  labels += texts.length;
  texts.forEach(({ element, box }, index) => {
    if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5 || box.top < frame.top - 0.5 || box.bottom > frame.bottom + 0.5) say("label cut off", element);
    for (const other of texts.slice(index + 1)) if (overlap(box, other.box)) say("label over “" + other.element.textContent + "”", element);
  });
  const roofs = all("polyline.roof", svg).map((roof) => [...roof.points].map((p) => onScreen(svg, p.x, p.y)));
  for (const { element, box } of texts) {
    const inner = { left: box.left + 0.5, right: box.right - 0.5, top: box.top + 0.5, bottom: box.bottom - 0.5 };
    if (roofs.some((roof) => roof.slice(1).some((end, at) => crosses(inner, roof[at], end)))) say("roof through", element);
  }
  // What is missing to a roof, and intervals: thin lines.
  for (const gap of all("path.gap", svg)) {
    const line = gap.getBoundingClientRect(), isUpright = line.height > line.width;
    const [x, y] = [(line.left + line.right) / 2, (line.top + line.bottom) / 2];
    const [a, b] = isUpright ? [{ x, y: line.top }, { x, y: line.bottom }] : [{ x: line.left, y }, { x: line.right, y }];
    for (const { element, box } of texts) {
      const inner = { left: box.left + 1, right: box.right - 1, top: box.top + 1, bottom: box.bottom - 1 };
      if (crosses(inner, a, b)) say("line through", element);
    }
  }
  for (const { element } of texts) {
    const high = parseFloat(getComputedStyle(element).fontSize) * svg.getScreenCTM().a;
    if (high < 9.9) { say("letters of " + high.toFixed(1) + " pixels", element); break; }
  }
  const operators = all("svg.chart .operator:not(.bar)").filter((mark) => mark.ownerSVGElement === svg);
  const words = texts.map(({ element }) => element.textContent).join("\n");
  for (const mark of operators) {
    marks += 1;
    const share = Number(mark.dataset.share), first = mark.dataset.operator.split("\n")[0].split(" ")[0];
    if (share >= 0.05 && !words.includes(first)) problems.push("no label for " + mark.dataset.operator);
    if (mark.dataset.operator.includes("\n")) continue;
    const own = texts.filter(({ element }) => element.classList.contains("halo") && element.textContent.startsWith(mark.dataset.operator + " "));
    if (share < 0.01 && !mark.classList.contains("hollow") && own.some(({ element }) => /\b0 %|0\.\d* %/.test(element.textContent))) problems.push("label for a trifle " + mark.dataset.operator);
  }
  // Two marks of one series do not hide each other.
  operators.forEach((mark, index) => {
    const a = mark.getBoundingClientRect();
    for (const other of operators.slice(index + 1)) {
      const b = other.getBoundingClientRect();
      const apart = Math.hypot(a.left + a.right - b.left - b.right, a.top + a.bottom - b.top - b.bottom) / 2;
      if (apart < 2 && mark.getAttribute("class") === other.getAttribute("class")) problems.push("one mark hides another: " + mark.dataset.operator);
    }
  });
}

// Analyses: figures stand in the JSON, marks under their roofs.
const result = JSON.parse(document.getElementById("result").textContent);
const numbers = new Set();
(function walk(value) {
  if (typeof value === "number") numbers.add(value);
  else if (value && typeof value === "object") Object.values(value).forEach(walk);
})(result);
for (const cell of all("[data-value]")) {
  if (!numbers.has(Number(cell.dataset.value))) { say("not in the JSON " + cell.dataset.value, cell); break; }
}
if (result.operators && charts[0]) {
  const words = all("text.halo", charts[0]).map((text) => text.textContent).join(" ");
  for (const one of result.operators) {
    if (one.flops > 0 && one.seconds >= 0.05 * result.totals.seconds && !words.includes(one.name.split(" ")[0])) problems.push("unnamed " + one.name);
  }
}
const devices = (result.results ?? result.cells ?? [result]).map((one) => one.hardware).filter((one) => one?.memory);
for (const mark of all(".operator[data-rate]")) {
  const rate = Number(mark.dataset.rate), intensity = Number(mark.dataset.intensity);
  const under = devices.some((device) => {
    const level = device.memory.find((one) => one.name === mark.dataset.level);
    return level && rate <= 1.000001 * Math.min(
      Math.max(device.vector_flops_per_second, ...Object.values(device.peaks)), intensity * level.bytes_per_second);
  });
  if (!under) problems.push("above its roof: " + mark.dataset.operator);
}

// Contrast: 4.5 : 1 of text, 3 : 1 of marks.
const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const luminance = (text) => {
  const [r, g, b] = text.match(/[\d.]+/g).map(Number).map(channel);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const paper = luminance(getComputedStyle(document.body).backgroundColor);
const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
for (const element of all("h1,h2,p,li,strong,span,td,th,button,code,figcaption,label,svg text")) {
  const style = getComputedStyle(element);
  if (ratio(luminance(element.closest("svg") ? style.fill : style.color), paper) < 4.5) { say("contrast", element); break; }
}
const bar = getComputedStyle(document.documentElement).getPropertyValue("--bar").trim();
if (/^#\w{6}$/.test(bar)) {
  const shade = luminance(bar.match(/\w\w/g).map((part) => parseInt(part, 16)).join(" "));
  if (ratio(luminance(getComputedStyle(document.body).color), shade) < 4.5) problems.push("contrast on bars");
}
for (const mark of all("svg .mark, svg .bar")) {
  const fill = getComputedStyle(mark).fill;
  if (fill.startsWith("rgb") && ratio(luminance(fill), paper) < 3) { problems.push("contrast of a mark " + mark.getAttribute("class")); break; }
}

// Keyboard and screen reader.
const ids = all("[id]").map((one) => one.id);
for (const id of ids) if (ids.filter((other) => other === id).length > 1) { problems.push("id twice: " + id); break; }
for (const svg of charts) {
  const text = (svg.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "");
  if (text.length < 2 || text.some((part) => part.length < 5)) problems.push("a picture without words");
}
const focusable = all("a[href],button,input,[tabindex]");
if (!focusable.length || focusable.some((one) => one.tabIndex > 0)) problems.push("focus order is not the order of the page");
for (const one of focusable) {
  const name = one.getAttribute("aria-label") ?? one.closest("label")?.textContent ?? one.textContent;
  if (!name.trim()) { say("focus without a name", one); break; }
}
const mark = document.querySelector(".operator:not(.bar)");
if (mark && document.querySelector("tr[data-operator]")) {
  const linked = all(".operator[tabindex]").find((one) => all("tr[data-operator]").some((row) => one.dataset.operator.split("\n").includes(row.dataset.operator)));
  linked?.focus();
  const rows = all("tr.on");
  if (!rows.length) problems.push("a mark highlights no row");
  else {
    rows[0].focus();
    if (!all(".operator.on").length) problems.push("a row highlights no mark");
  }
  document.activeElement.blur();
}

// Sorting and filtering.
const table = document.querySelector("table.sortable");
if (table) {
  const head = all("thead th", table).find((one) => one.classList.contains("right"));
  const key = (row) => Number(row.cells[head.cellIndex].dataset.value ?? parseFloat(row.cells[head.cellIndex].textContent.replaceAll(",", "")));
  head.querySelector("button").click();
  const values = [...table.tBodies[0].rows].map(key).filter((value) => !Number.isNaN(value));
  if (values.some((value, index) => index && value > values[index - 1])) problems.push("sorting does not sort");
  const input = document.querySelector(".search input");
  if (input) {
    input.value = "llama";
    input.dispatchEvent(new Event("input"));
    const rows = [...table.tBodies[0].rows].filter(visible);
    if (rows.some((row) => !row.textContent.toLowerCase().includes("llama"))) problems.push("filtering does not filter");
    input.value = "";
    input.dispatchEvent(new Event("input"));
  }
}
return { problems, labels, marks };
