/// The page's markup, style and script.
enum HTMLTemplate {
  static let page = """
    <!doctype html>
    \(ReportFormat.mark)
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
    script-src 'unsafe-inline'; img-src data:">
    <link rel="icon" href="data:,">
    <title>{{title}}</title>
    <style>{{{style}}}</style>
    </head>
    <body>
    <a class="skip" href="#content">Skip to the report</a>
    <main id="content">
    <h1>{{title}}</h1>
    {{#command}}<p class="command"><code>{{command}}</code></p>{{/command}}
    {{#blocks}}
    {{#heading}}<h2>{{heading}}</h2>{{/heading}}
    {{#paragraph}}<p>{{paragraph}}</p>{{/paragraph}}
    {{#list}}{{#first()}}<ul>{{/first()}}<li>{{.}}</li>{{#last()}}</ul>{{/last()}}{{/list}}
    {{#lines}}<pre tabindex="0">{{lines}}</pre>{{/lines}}
    {{#table}}
    <div class="scroll" tabindex="0" role="region" aria-label="table">
    <table{{#sortable}} class="sortable"{{/sortable}}>
    {{#hasHead}}<thead><tr>
    {{#columns}}<th scope="col"{{#right}} class="right"{{/right}}>\
    {{#sortable}}<button type="button">{{title}}</button>{{/sortable}}{{^sortable}}{{title}}{{/sortable}}</th>
    {{/columns}}
    </tr></thead>{{/hasHead}}
    <tbody>
    {{#rows}}<tr data-operator="{{name}}" {{#sortable}}tabindex="0"{{/sortable}}>{{#cells}}{{#head}}<th scope="row">{{text}}</th>{{/head}}\
    {{^head}}<td{{#right}} class="right"{{/right}}{{#value}} data-value="{{value}}"{{/value}}>{{text}}</td>{{/head}}{{/cells}}</tr>
    {{/rows}}
    </tbody>
    {{#totals}}<tfoot><tr>{{#cells}}{{#head}}<th scope="row">{{text}}</th>{{/head}}\
    {{^head}}<td{{#right}} class="right"{{/right}}{{#value}} data-value="{{value}}"{{/value}}>{{text}}</td>{{/head}}{{/cells}}</tr></tfoot>{{/totals}}
    </table>
    </div>
    {{/table}}
    {{/blocks}}
    {{#hasCharts}}<h2>Pictures</h2>{{/hasCharts}}
    {{#charts}}
    <figure>
    <div class="scroll" tabindex="0" role="region" aria-label="{{title}}">
    {{{svg}}}
    </div>
    <figcaption><strong>{{finding}}</strong> {{caption}}</figcaption>
    </figure>
    {{/charts}}
    {{#version}}<p class="command">{{version}}</p>{{/version}}
    </main>
    <script type="application/json" id="result">{{{json}}}</script>
    <script>{{{script}}}</script>
    </body>
    </html>

    """

  static let style = """
    :root{color-scheme:light dark;--ink:#1a1a1a;--paper:#ffffff;--faint:#d0d0d0;--row:#f3f5f8;--accent:#00508a}
    @media (prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#161a1f;--faint:#454b54;--row:#20262d;--accent:#8ec5ff}}
    *{box-sizing:border-box}
    body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
    main{max-width:60rem;margin:0 auto;padding:1rem}
    h1{font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}h2{font-size:1.2rem;margin-top:2rem}
    p,li,figcaption{max-width:46rem;overflow-wrap:anywhere}
    code,pre{font:0.85rem/1.45 ui-monospace,monospace}pre{overflow-x:auto;white-space:pre-wrap}
    .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:0.5rem;background:var(--paper);color:var(--accent)}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;font-size:0.88rem;font-variant-numeric:tabular-nums}
    th,td{padding:0.28rem 0.6rem;text-align:left;border-bottom:1px solid var(--faint);white-space:nowrap;vertical-align:top}
    th[scope=row]{font-weight:400;white-space:normal;min-width:8rem}.right{text-align:right}
    tfoot td,tfoot th{font-weight:600;border-top:2px solid var(--ink)}
    tbody tr:hover,tbody tr:focus,tbody tr.on{background:var(--row)}
    th button{font:inherit;font-weight:600;color:var(--accent);background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
    th[aria-sort=ascending] button::after{content:" ▲"}th[aria-sort=descending] button::after{content:" ▼"}
    :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
    figure{margin:1.5rem 0}figure svg{width:100%;min-width:34rem;height:auto;display:block}
    .operator.on{stroke:var(--ink);stroke-width:3}
    @media print{.skip{display:none}main{max-width:none}.scroll{overflow:visible}figure{break-inside:avoid}}

    """

  static let script = """
    "use strict";
    for (const table of document.querySelectorAll("table.sortable")) {
      const heads = [...table.querySelectorAll("thead th")];
      heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const key = (row) => {
          const cell = row.cells[column];
          return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
        };
        [...body.rows].sort((a, b) => {
          const x = key(a), y = key(b);
          const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
          return down ? -order : order;
        }).forEach((row) => body.append(row));
      }));
    }
    const named = [...document.querySelectorAll("[data-operator]")];
    function highlight(name) {
      for (const element of named) element.classList.toggle("on", name !== null && element.dataset.operator === name);
    }
    for (const element of named) {
      for (const event of ["mouseenter", "focus"]) {
        element.addEventListener(event, () => highlight(element.dataset.operator));
      }
      for (const event of ["mouseleave", "blur"]) element.addEventListener(event, () => highlight(null));
    }
    """
}
