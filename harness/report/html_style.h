/* SPDX-License-Identifier: MIT */
/* The style of the page: one for light, dark and paper. */
#ifndef CLAIMCHECK_HTML_STYLE_H
#define CLAIMCHECK_HTML_STYLE_H

/* clang-format off */
static const char html_style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1a1a1a;--dim:#595959;"
    "--line:#c8c8c8;--bad:#a4001d;--badbg:#fdecee;--good:#0b6b2e;--free:#e8e8e8;"
    "--d0:#4a4a4a;--d1:#1f5fb4;--d2:#b35900;--d3:#1d7a4a;--d4:#8a3fa0;"
    "--d5:#a3195b;--d6:#6b6b00;--d7:#00737a;--other:#999}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#16181b;--fg:#e8e8e8;"
    "--dim:#b0b0b0;--line:#4a4d52;--bad:#ff8f9c;--badbg:#3a1a20;--good:#7fd99a;"
    "--free:#2c2f34;--d0:#b0b0b0;--d1:#6ea8ff;--d2:#ffb066;--d3:#6fd3a0;"
    "--d4:#d59aea;--d5:#ff85b5;--d6:#d9d95a;--d7:#5fd0d8;--other:#777}}\n"
    "@media print{:root{--bg:#fff;--fg:#000;--dim:#333;--line:#999}"
    "section{break-inside:avoid}details{display:block}}\n"
    "body{background:var(--bg);color:var(--fg);margin:0;"
    "font:16px/1.45 system-ui,sans-serif}\n"
    "main{max-width:60rem;margin:0 auto;padding:1rem}\n"
    "h1{font-size:1.3rem;overflow-wrap:anywhere}h2{font-size:1.1rem}"
    "h3{font-size:1rem;margin:0;font-weight:400;overflow-wrap:anywhere}\n"
    "code,pre{font:0.9rem/1.4 ui-monospace,monospace}pre{white-space:pre-wrap}\n"
    ".nr{color:var(--dim);display:inline-block;min-width:2rem}\n"
    ".bad{color:var(--bad)}.good{color:var(--good)}.note,.rule{color:var(--dim)}\n"
    "section{border-top:1px solid var(--line);padding:.6rem 0}\n"
    "section p{margin:.2rem 0 .4rem}section:target{outline:2px solid var(--d1)}\n"
    "section.failed{background:var(--badbg);border-left:4px solid var(--bad);"
    "padding-left:.6rem}\n"
    "table{border-collapse:collapse;font-size:.9rem}"
    "th,td{padding:.1rem .8rem .1rem 0;text-align:right}"
    "th:first-child{text-align:left;font-weight:400}"
    "thead th{color:var(--dim);font-weight:400}"
    ".differs{color:var(--bad);font-weight:700}\n"
    "figure{margin:1rem 0}svg{width:100%;height:auto;display:block}\n"
    "svg text{fill:var(--fg);font:13px system-ui,sans-serif}\n"
    "svg .axis{stroke:var(--fg);stroke-width:1}"
    "svg .bound{stroke:var(--bad);stroke-width:2;stroke-dasharray:6 4}\n"
    "svg .claim{fill-opacity:.4}svg .free{fill:var(--free)}"
    "svg .other{fill:var(--other)}svg .lost{fill:var(--bad);fill-opacity:.6}\n"
    "svg .hit{fill:transparent}svg a:hover .hit,svg a:focus .hit{"
    "fill:var(--fg);fill-opacity:.18;stroke:var(--fg)}svg a:focus{outline:none}\n"
    "svg .fail{fill:var(--bad);fill-opacity:.25}\n"
    ".key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.4rem 0;padding:0;"
    "list-style:none;font-size:.85rem}"
    ".key i{display:inline-block;width:.9rem;height:.9rem;margin-right:.3rem;"
    "vertical-align:-2px;border:1px solid var(--line)}.key .claim{opacity:.4}\n"
    ".key .bound{height:0;border:0;border-top:3px dashed var(--bad);"
    "vertical-align:4px}\n"
    ".d0{fill:var(--d0);background:var(--d0)}.d1{fill:var(--d1);background:var(--d1)}"
    ".d2{fill:var(--d2);background:var(--d2)}.d3{fill:var(--d3);background:var(--d3)}"
    ".d4{fill:var(--d4);background:var(--d4)}.d5{fill:var(--d5);background:var(--d5)}"
    ".d6{fill:var(--d6);background:var(--d6)}.d7{fill:var(--d7);background:var(--d7)}"
    ".key .free{background:var(--free)}.key .other{background:var(--other)}"
    ".key .lost{background:var(--bad);opacity:.6}\n";
/* clang-format on */

#endif /* CLAIMCHECK_HTML_STYLE_H */
