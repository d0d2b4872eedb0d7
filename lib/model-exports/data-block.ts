import type { ServedCard } from '../contracts/served-card.ts';
import { Html } from '../reports/html.ts';

/** Embeds what a page needs of the card. No text in it can end the element. */
export function dataBlock({ labels, input, task, thresholds, novelty }: ServedCard): Html {
  const json = JSON.stringify({ labels, input, task, thresholds, novelty }).replaceAll('<', '\\u003c');
  return new Html(`<script type="application/json" id="card">${json}</script>`);
}
