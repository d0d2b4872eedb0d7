/** Of the report's page: light and dark, on paper and on small screens. */
export const REPORT_STYLE = `
:root { --ink: #1d1d1f; --soft: #6a6a70; --line: #e4e4e8; --paper: #fff; --card: #f7f7f9; --bar: #3d6fd9; --doubt: #c2481f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececef; --soft: #a0a0a8; --line: #38383d; --paper: #18181a; --card: #222226; --bar: #7ea2f0; --doubt: #f0895f; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 2.5rem 1.5rem 5rem;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 2rem; font-weight: 650; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; font-weight: 650; margin: 0 0 .8rem; }
h2 span, .count { color: var(--soft); font-weight: 400; margin-left: .4rem; }
section { margin-top: 2.8rem; }
section > p { color: var(--soft); margin: -.4rem 0 1rem; }
.digest, .path { color: var(--soft); font: 12px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.digest { margin: .3rem 0 0; }
.path { display: block; }
.facts { display: flex; flex-wrap: wrap; gap: 1rem 2.4rem; margin: 1.6rem 0 0; padding: 1.1rem 0;
  border: solid var(--line); border-width: 1px 0; }
.facts div { display: flex; flex-direction: column; }
.facts dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.facts dt { color: var(--soft); font-size: 13px; }
.warnings { margin: 0; padding: 0; list-style: none; }
.warnings li { padding: .55rem .9rem; margin-bottom: .4rem; border-left: 3px solid var(--doubt);
  background: var(--card); overflow-wrap: anywhere; }
code { font-size: 11px; color: var(--soft); }
.class { display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; gap: 1.2rem;
  padding: .7rem 0; border-top: 1px solid var(--line); }
.class b { overflow-wrap: anywhere; font-weight: 600; }
.bar { display: block; height: 6px; margin-top: .45rem; border-radius: 3px; background: var(--line); }
.bar i { display: block; height: 100%; border-radius: 3px; background: var(--bar); }
.strip { display: flex; flex-wrap: wrap; gap: 6px; }
img { width: 88px; height: 88px; object-fit: contain; border-radius: 6px; background: var(--line); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(24rem, 1fr)); gap: 1rem; }
.card { margin: 0; padding: .9rem; border-radius: 10px; background: var(--card); }
.card.doubtful { outline: 1.5px solid var(--doubt); }
.pair { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
.arrow { color: var(--soft); font-size: 12px; width: 3rem; text-align: center; line-height: 1.2; }
figcaption { margin-top: .6rem; font-size: 14px; }
figcaption b { font-weight: 600; }
details { border-top: 1px solid var(--line); padding: .5rem 0; }
summary { cursor: pointer; }
details p { margin: .3rem 0 0; color: var(--soft); font-size: 13px; }
summary code { font-size: 13px; color: var(--ink); font-weight: 600; }
table { border-collapse: collapse; width: 100%; margin-top: .4rem; font-size: 13px; }
th { text-align: left; font: 12px/1.6 ui-monospace, monospace; width: 22rem; overflow-wrap: anywhere; }
th, td { padding: .25rem 1rem .25rem 0; vertical-align: top; }
td { color: var(--soft); overflow-wrap: anywhere; }
.more { color: var(--soft); margin: .6rem 0 0; }
@media (max-width: 44rem) {
  .class { grid-template-columns: 1fr; gap: .5rem; } .cards { grid-template-columns: 1fr; }
  tbody, tr, th, td { display: block; width: auto; } tr { padding: .3rem 0; } th, td { padding: 0; }
}
@media print { body { padding: 0; max-width: none; } .card, .class { break-inside: avoid; } }
`;
