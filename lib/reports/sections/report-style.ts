import { Html } from '../html.ts';

/** The style of a model's report: light and dark, on paper and on small screens. Figures take their colours from it. */
export const MODEL_REPORT_STYLE = new Html(`
:root { color-scheme: light dark; --ink: #1b1b1f; --soft: #5d5d66; --line: #dcdce2; --paper: #fff; --card: #f6f6f8; --on-fill: #fff;
  --c1: #2f5fc4; --c2: #c2481f; --c3: #1d7f5f; --c4: #8a4fb5; --c5: #94690a; --c6: #4f5b6b; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf0; --soft: #a9a9b3; --line: #3a3a41; --paper: #17171a; --card: #212126; --on-fill: #101014;
  --c1: #86a9f5; --c2: #f08f66; --c3: #5cc7a0; --c4: #c79be6; --c5: #dcb355; --c6: #a7b2c2; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 66rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 2rem; font-weight: 650; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; font-weight: 650; margin: 0 0 .6rem; }
h3 { font-size: 1rem; font-weight: 600; margin: 1.2rem 0 .4rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; max-width: 46rem; }
code, .path { font: 12px/1.5 ui-monospace, monospace; color: var(--soft); overflow-wrap: anywhere; }
.kind, .note, figcaption, footer { color: var(--soft); font-size: 13px; }
.kind { margin: 0 0 .2rem; }
.summary { font-size: 1.06rem; margin: .6rem 0 0; }
.facts { display: flex; flex-wrap: wrap; gap: .9rem 2.2rem; margin: 1.4rem 0 0; padding: 1rem 0; border: solid var(--line); border-width: 1px 0; }
.facts div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.facts dd { margin: 0; font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.facts dt { color: var(--soft); font-size: 13px; }
section { margin-top: 2.8rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 2.5rem; align-items: start; }
@media (min-width: 60rem) { .pair.uneven { grid-template-columns: 2fr 3fr; } }
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 0 1.5rem; }
.pair > *, .small > * { min-width: 0; }
figure { margin: 0 0 .6rem; break-inside: avoid; }
.plot { overflow-x: auto; }
svg { display: block; max-width: 100%; height: auto; font-size: 12px; font-family: inherit; font-variant-numeric: tabular-nums; color: var(--ink); }
svg text { white-space: pre; }
figcaption { margin-top: .3rem; max-width: 46rem; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: 0 0 .3rem; padding: 0; list-style: none; font-size: 13px; }
.legend li { overflow-wrap: anywhere; min-width: 0; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px; vertical-align: -.05em; }
.s0 { background: var(--c1); } .s1 { background: var(--c2); } .s2 { background: var(--c3); } .s3 { background: var(--c4); }
.s4 { background: var(--c5); } .s5 { background: var(--c6); }
details { margin: .3rem 0 0; font-size: 13px; }
summary { cursor: pointer; color: var(--soft); width: fit-content; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; margin: .3rem 0 .8rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: .28rem .9rem .28rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, .words { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 7rem; }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom; }
tbody th { font-weight: 500; }
td small { color: var(--soft); font-size: 12px; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.2rem, 1fr)); gap: .8rem; margin: .6rem 0 0; padding: 0; list-style: none; }
.card { padding: .5rem; border-radius: 8px; background: var(--card); break-inside: avoid; min-width: 0; }
.card img, .missing { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 4px; background: var(--line); }
.missing { display: grid; place-items: center; color: var(--ink); font-size: 12px; }
.card .evidence { margin-top: .3rem; }
.card p { margin: .4rem 0 0; font-size: 13px; line-height: 1.4; }
.card p > span { display: block; overflow-wrap: anywhere; }
.truth { font-weight: 600; }
.card .guess { display: flex; justify-content: space-between; gap: .5rem; font-variant-numeric: tabular-nums; }
.guess > span:first-child { overflow-wrap: anywhere; min-width: 0; } .guess > span + span { white-space: nowrap; }
.wrong { color: var(--c2); }
.card .path { margin-top: .2rem; font-size: 11px; }
.omitted { margin: 0; font-size: 14px; }
.omitted div { display: grid; grid-template-columns: 15rem 1fr; gap: 1rem; padding: .3rem 0; border-bottom: 1px solid var(--line); }
.omitted dd { margin: 0; color: var(--soft); }
footer { margin-top: 3rem; }
:focus-visible { outline: 2px solid var(--c1); outline-offset: 2px; }
@media (max-width: 40rem) {
  main { padding: 1.5rem 1rem 3rem; } h1 { font-size: 1.6rem; }
  .facts { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem 1rem; } .facts dd { font-size: 1rem; }
  .omitted div { grid-template-columns: 1fr; gap: 0; } .gallery { grid-template-columns: repeat(2, 1fr); }
}
@media print {
  .legend i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; } section { break-before: auto; } details { display: none; } .scroll, .plot { overflow: visible; }
  body { font-size: 12px; } h2, h3 { break-after: avoid; }
}
`);
