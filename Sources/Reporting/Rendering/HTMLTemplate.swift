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
    {{#headlines}}{{#first()}}<ul class="answer">{{/first()}}<li><strong>{{figure}}</strong>{{#rest}} <span>{{rest}}</span>{{/rest}}</li>{{#last()}}</ul>{{/last()}}{{/headlines}}
    {{#command}}<p class="command"><code>{{command}}</code></p>{{/command}}
    {{#blocks}}
    {{#opensLead}}<section class="lead{{#isLinked}} linked{{/isLinked}}">{{/opensLead}}
    {{#heading}}<h2>{{heading}}</h2>{{/heading}}
    {{#paragraph}}<p>{{paragraph}}</p>{{/paragraph}}
    {{#list}}{{#first()}}<ul>{{/first()}}<li>{{.}}</li>{{#last()}}</ul>{{/last()}}{{/list}}
    {{#lines}}<pre tabindex="0">{{lines}}</pre>{{/lines}}
    {{#figures}}{{#first()}}<div class="figures">{{/first()}}
    <figure>
    {{{svg}}}
    <figcaption><strong>{{finding}}</strong> {{caption}}</figcaption>
    </figure>
    {{#last()}}</div>{{/last()}}{{/figures}}
    {{#table}}
    {{#searchable}}<p class="search"><label>Filter <input type="search"></label> <output></output></p>{{/searchable}}
    <div class="scroll" tabindex="0" role="region" aria-label="{{label}}">
    <table{{#sortable}} class="sortable"{{/sortable}}>
    {{#hasHead}}<thead><tr>
    {{#columns}}<th scope="col"{{#right}} class="right"{{/right}}>\
    {{#sortable}}<button type="button">{{title}}</button>{{/sortable}}{{^sortable}}{{title}}{{/sortable}}</th>
    {{/columns}}
    </tr></thead>{{/hasHead}}
    <tbody>
    {{#rows}}<tr{{#focusable}} data-operator="{{name}}" tabindex="0"{{/focusable}}>{{#cells}}{{#head}}<th scope="row">{{text}}</th>{{/head}}\
    {{^head}}<td class="{{#right}}right{{/right}}{{#wraps}} wraps{{/wraps}}{{#bar}} bar{{/bar}}"{{#bar}} style="--part:{{bar}}%"{{/bar}}{{#value}} data-value="{{value}}"{{/value}}>{{text}}</td>{{/head}}{{/cells}}</tr>
    {{/rows}}
    </tbody>
    {{#totals}}<tfoot><tr>{{#cells}}{{#head}}<th scope="row">{{text}}</th>{{/head}}\
    {{^head}}<td class="{{#right}}right{{/right}}{{#wraps}} wraps{{/wraps}}{{#bar}} bar{{/bar}}"{{#bar}} style="--part:{{bar}}%"{{/bar}}{{#value}} data-value="{{value}}"{{/value}}>{{text}}</td>{{/head}}{{/cells}}</tr></tfoot>{{/totals}}
    </table>
    </div>
    {{/table}}
    {{#closesLead}}</section>{{/closesLead}}
    {{/blocks}}
    {{#version}}<p class="command">{{version}}</p>{{/version}}
    </main>
    <script type="application/json" id="result">{{{json}}}</script>
    <script>{{{script}}}</script>
    </body>
    </html>

    """

  static let style = """
    :root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--faint:#d0d0d0;--row:#eaf1f8;--accent:#00508a;--bar:#cbe0f2}
    @media (prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#161a1f;--faint:#454b54;--row:#26303a;--accent:#8ec5ff;--bar:#274a68}}
    *{box-sizing:border-box}
    body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
    main{max-width:80rem;margin:0 auto;padding:0.75rem}
    h1{font-size:1.5rem;line-height:1.25;margin:0.3rem 0 0.6rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2rem 0 0.6rem}
    p,li,figcaption{overflow-wrap:anywhere}p{max-width:52rem}
    code,pre{font:0.85rem/1.45 ui-monospace,monospace}pre{overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
    .answer{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,14rem),1fr));gap:0.3rem 1.2rem;margin:0.6rem 0;padding:0;list-style:none}
    .answer li{border-left:3px solid var(--accent);padding-left:0.6rem;line-height:1.35}
    .answer strong{display:block;font-size:1.1rem}.answer span{font-size:0.85rem}
    .command{margin:0.4rem 0;max-width:none}.command span{display:inline-block;max-width:100%;white-space:pre-wrap}
    .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:0.5rem;background:var(--paper);color:var(--accent);z-index:3}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:0.5rem 1.5rem;align-items:start}:not(section)>.figures{margin-top:1.5rem}
    figure{margin:0.5rem 0;max-width:40rem}figure svg{width:100%;height:auto;display:block}
    figcaption{font-size:0.85rem;line-height:1.4;padding:0 0.5rem}
    .scroll{overflow-x:auto}.scroll+.scroll{margin-top:1rem}
    table{border-collapse:separate;border-spacing:0;font-size:0.88rem;font-variant-numeric:tabular-nums;background:var(--paper)}
    .lead table{width:100%}
    th,td{padding:0.25rem 0.6rem;text-align:left;border-bottom:1px solid var(--faint);white-space:nowrap;vertical-align:top}
    th:first-child{position:sticky;left:0;z-index:1;background:inherit}thead tr,tbody tr,tfoot tr{background:var(--paper)}
    th[scope=row]{font-weight:400;white-space:normal;min-width:7.5rem;max-width:18rem;overflow-wrap:break-word}.right{text-align:right}
    .wraps{white-space:normal;min-width:18rem}
    .bar{min-width:6rem;background:linear-gradient(to right,var(--bar) var(--part),transparent 0)}
    tfoot td,tfoot th{font-weight:600;border-top:2px solid var(--ink)}
    tbody tr:hover,tbody tr:focus,tbody tr.on{background:var(--row)}
    th button{font:inherit;font-weight:600;color:var(--accent);background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
    th[aria-sort=ascending] button::after{content:" ▲"}th[aria-sort=descending] button::after{content:" ▼"}
    .search input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--ink);padding:0.2rem 0.5rem;max-width:14rem}
    :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
    .operator{cursor:pointer}.dim .operator:not(.on){opacity:0.3}.operator.on{stroke:var(--ink);stroke-width:2}
    @media (max-width:30rem){th[scope=row]{max-width:11rem}th,td{padding:0.25rem 0.4rem}figure svg{width:100vw;margin-left:-0.75rem}figcaption{padding:0}}
    @media (min-width:64rem){main{padding:1rem}th[scope=row]{min-width:11rem}ul:not(.answer){columns:2;column-gap:2.5rem}li{break-inside:avoid}}
    @media (min-width:64rem) and (min-height:56rem){.linked>.figures{position:sticky;top:0;z-index:2;background:var(--paper)}\
    html{scroll-padding-top:42rem}}
    @media print{.skip,.search{display:none}main{max-width:none}.scroll{overflow:visible}.linked>.figures{position:static}figure{break-inside:avoid}}

    """

  static let script = """
    "use strict";
    // No option is broken at its hyphens.
    const command = document.querySelector(".command code");
    command?.replaceChildren(...command.textContent.split(/(?<= )/).map((word) => {
      const span = document.createElement("span");
      span.textContent = word;
      return span;
    }));
    for (const table of document.querySelectorAll("table.sortable")) {
      const heads = [...table.querySelectorAll("thead th")];
      heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0], isNumber = head.classList.contains("right");
        const hasValues = [...body.rows].some((row) => row.cells[column].dataset.value);
        const key = (row) => {
          const cell = row.cells[column];
          if (!isNumber) return cell.textContent;
          const value = Number(cell.dataset.value ?? (hasValues ? NaN : parseFloat(cell.textContent.replaceAll(",", ""))));
          return Number.isNaN(value) ? -Infinity : value;
        };
        [...body.rows].sort((a, b) => {
          const x = key(a), y = key(b);
          const order = isNumber ? (x > y) - (x < y) : x.localeCompare(y);
          return down ? -order : order;
        }).forEach((row) => body.append(row));
      }));
    }
    for (const search of document.querySelectorAll(".search")) {
      const rows = [...search.nextElementSibling.querySelectorAll("tbody tr")];
      search.querySelector("input").addEventListener("input", (event) => {
        const words = event.target.value.toLowerCase().split(/\\s+/);
        for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
        search.querySelector("output").textContent = rows.filter((row) => !row.hidden).length + " of " + rows.length;
      });
    }
    const named = [...document.querySelectorAll("[data-operator]")];
    const names = new Map(named.map((element) => [element, element.dataset.operator.split("\\n")]));
    function highlight(chosen) {
      document.body.classList.toggle("dim", chosen !== null);
      for (const element of named) {
        element.classList.toggle("on", chosen !== null && names.get(element).some((name) => names.get(chosen).includes(name)));
      }
    }
    for (const element of named) {
      for (const event of ["mouseenter", "focus"]) element.addEventListener(event, () => highlight(element));
      for (const event of ["mouseleave", "blur"]) element.addEventListener(event, () => highlight(null));
      if (element.tagName !== "TR") element.addEventListener("click", () => {
        document.querySelector("tr.on")?.scrollIntoView({ block: "nearest" });
      });
    }
    """
}
