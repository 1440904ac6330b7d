// The style of report pages: screens light and dark, phones, and A4 (WCAG 2.2: contrast 4.5 for text, 3 for what is drawn).

import { ROWS_ON_PAPER } from './rating-tables.ts';

/** Blue against orange is told apart with any kind of sight; what differs in colour differs in shape, too. */
const COLOURS = `
:root{--paper:#fff;--ink:#1b1f24;--soft:#545c66;--rule:#d5dae0;--strong-rule:#8a929c;--panel:#f5f7f9;--data:#1f5f9f;--fill:#c9dcf0;--mark:#a84300;--behind:#c3cad2;--link:#174f8a;--warn:#8a3b00}
@media screen and (prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e8eaed;--soft:#a9b1ba;--rule:#363d45;--strong-rule:#78828d;--panel:#1c2126;--data:#79b4ee;--fill:#25425f;--mark:#ffa05c;--behind:#464f59;--link:#9cc8f5;--warn:#ffb37d}}`;

const TEXT = `
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;padding:1.5rem clamp(1rem,4vw,2.5rem) 3rem;max-width:72rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
h1,h2,h3{line-height:1.2;text-wrap:balance;font-family:Charter,"Bitstream Charter","Noto Serif",Cambria,Georgia,"DejaVu Serif",serif;font-weight:600}
h1{font-size:clamp(1.6rem,1.1rem + 2.2vw,2.4rem);margin:.1rem 0 .3rem}
h2{font-size:1.3rem;margin:2.5rem 0 .8rem;padding-top:.6rem;border-top:2px solid var(--ink)}
h3{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.3rem 0}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
main:focus{outline:none}
code{font:.875em/1.4 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.skip{position:absolute;left:1rem;top:-4rem;padding:.5rem 1rem;background:var(--ink);color:var(--paper)}
.skip:focus{top:.5rem}
.patterns{position:absolute}
.kicker{color:var(--soft);font-size:.875rem;letter-spacing:.02em}
.whose{font-size:1.125rem}
.utc,.note,.meaning,.unit,small,cite,figcaption,.nothing{color:var(--soft)}
.utc,.note,.meaning,.unit,small,cite,footer{font-size:.85em;font-style:normal}
.status{margin-top:.8rem;padding-left:.8rem;border-left:4px solid var(--strong-rule)}
.status strong{display:inline-block;margin-right:.4rem;text-transform:uppercase;font-size:.8125rem;letter-spacing:.06em}
.status .live,.status .preliminary{color:var(--warn)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1rem;margin:0}
.tiles dt{color:var(--soft);font-size:.875rem}
.tiles .unit{font-size:.8125rem}
.tiles dd{margin:0;font-size:1.6rem;line-height:1.2;font-variant-numeric:tabular-nums}
.criteria,.definitions{margin:0;font-size:.9375rem}
.criteria>div,.definitions>div{display:grid;grid-template-columns:13rem 1fr;gap:0 1rem;padding:.3rem 0;border-bottom:1px solid var(--rule)}
.criteria dt,.definitions dt{color:var(--soft)}
.criteria dd,.definitions dd{margin:0}
.definitions dt{color:var(--ink)}
.definitions .unit{display:block}
.cite{padding:.8rem 1rem;background:var(--panel)}
.formats{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;padding:0;margin:.8rem 0;list-style:none}
footer{margin-top:3rem;padding-top:.6rem;border-top:1px solid var(--rule);color:var(--soft)}
@media(max-width:40rem){.criteria>div,.definitions>div{grid-template-columns:1fr}}`;

const TABLES = `
.scroll{overflow-x:auto;margin:1rem 0;overflow-wrap:normal}
table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.35;font-variant-numeric:tabular-nums lining-nums}
caption{text-align:left;font-weight:600;padding-bottom:.4rem}
th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
th:first-child,td:first-child{padding-left:0}
thead th{vertical-align:bottom;border-bottom:1px solid var(--ink);font-weight:600}
thead .unit{display:block;font-weight:400}
tbody th{font-weight:400;min-width:6em}
tbody th:has(time),tbody .short,tbody small{white-space:nowrap}
tfoot th,tfoot td{border-top:1px solid var(--ink);border-bottom:0;font-weight:600}
td,th.number{text-align:right}
td{white-space:nowrap}
td.words{text-align:left;white-space:normal}
td.missing,td.words{color:var(--soft)}
@media screen{td.words{min-width:10rem}}
abbr{text-decoration:none}
.paper{display:none}
summary{cursor:pointer;padding:.5rem 0;font-weight:600;color:var(--link)}`;

const CHARTS = `
figure{margin:0 0 1.5rem}
figcaption{margin-bottom:.8rem;font-size:.9375rem}
figcaption strong{color:var(--ink)}
.panels.several{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:1.2rem 2.5rem}
.box h3{margin:0 0 .2rem}
.panel{display:block;overflow:visible;font-size:12px;font-variant-numeric:tabular-nums}
.panel text{fill:var(--ink)}
.panel .axis,.panel .detail,.panel .missing{fill:var(--soft)}
.halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.grid{stroke:var(--rule)}
.base,.tick{stroke:var(--strong-rule)}
.bar{fill:var(--data)}
.area{fill:var(--fill)}
.line{fill:none;stroke:var(--data);stroke-width:1.75}
.behind{fill:none;stroke:var(--behind);stroke-width:1}
.stem{stroke:var(--mark);stroke-dasharray:2 3}
.panel .of-bar{fill:var(--data);font-weight:600}
.panel .of-mark{fill:var(--mark)}
.mark{stroke:var(--mark);stroke-width:3}
rect.left-out{fill:url(#hatch);stroke:var(--strong-rule);stroke-width:.5}
rect.unmeasured{fill:none;stroke:var(--strong-rule);stroke-dasharray:1 4}
.hatch{stroke:var(--strong-rule);stroke-width:2}
@media(max-width:40rem){.second text{display:none}}`;

const PAPER = `
@page{size:A4;margin:16mm 15mm 20mm;@bottom-left{font:7pt/1.4 sans-serif;color:#545c66;white-space:pre-wrap;overflow-wrap:anywhere;text-align:left;width:88%;vertical-align:top;padding-top:3mm}@bottom-right{content:counter(page) " / " counter(pages);font:7pt/1.4 sans-serif;color:#545c66;vertical-align:top;padding-top:3mm}}
@page wide{size:A4 landscape}
@media print{
html{color-scheme:light}
h1{font-size:20pt}
h2{font-size:13pt;margin-top:1.6rem}
h3{font-size:9.5pt}
.tiles dd{font-size:14pt}
body{max-width:none;padding:0;font-size:9.5pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.skip,nav,footer,summary,tbody tr:nth-child(n+${ROWS_ON_PAPER + 1}){display:none}
.paper{display:block}
details::details-content{content-visibility:visible;block-size:auto}
.scroll{overflow:visible;margin:.6rem 0}
.wide{page:wide}
.panels.several{grid-template-columns:1fr 1fr}
.criteria,.definitions,table{font-size:8pt}
th,td{padding:.18rem .4rem}
thead{display:table-header-group}
tfoot{display:table-row-group}
tbody tr:nth-child(-n+2){break-before:avoid}
tr,.box,.criteria>div,.definitions>div,.tiles,.cite{break-inside:avoid}
figcaption,figure:not(:has(.several)){break-inside:avoid}
h2,h3,figcaption,caption,.paper{break-after:avoid}
a{color:inherit;text-decoration:none}
}
`;

/** For a style element; without `</`. */
export const PAGE_STYLE = COLOURS + TEXT + TABLES + CHARTS + PAPER;
