import type { RefusedFile } from '../../contracts/dataset.ts';
import { escapeHtml } from '../../escape-html.ts';
import { count } from '../../format.ts';
import { more } from './more.ts';

const MAX_REFUSED = 500;
/** Files of a reason that are listed unfolded. */
const UNFOLDED = 20;

/** Whether a refused file counts towards the limit; files of the operating system do not. */
export function isCounted({ code }: RefusedFile): boolean {
  return code !== 'OS_JUNK';
}

/**
 * A table of refused files by reason: the most frequent first, files of the operating system last. Text that all files
 * of a reason share appears once.
 */
export function refusedTable(refused: readonly RefusedFile[]): string {
  const shown = refused.toSorted((a, b) => Number(isCounted(b)) - Number(isCounted(a))).slice(0, MAX_REFUSED);
  const byCode = [...Map.groupBy(shown, ({ code }) => code)].sort(
    ([, a], [, b]) => Number(b.every(isCounted)) - Number(a.every(isCounted)) || b.length - a.length,
  );
  const groups = byCode.map(([code, files]) => {
    const { common, own } = inCommon(files.map(({ message }) => message.replaceAll('\n', ' ')));
    const rows = files.map(({ path }, index) => `<tr><th>${escapeHtml(path)}</th><td>${escapeHtml(own[index] ?? '')}</td></tr>`);
    const isOpen = files.length <= UNFOLDED && files.every(isCounted);
    return `<details${isOpen ? ' open' : ''}><summary><code>${escapeHtml(code)}</code> ${count(files.length)}</summary>
${common && `<p>${escapeHtml(common)}</p>\n`}<table>\n${rows.join('\n')}\n</table></details>`;
  });
  return `${groups.join('\n')}${more(refused.length - shown.length)}`;
}

/** Sentences in the form of Graft's errors, where all expect the same and have the same fix: that, and what each received. */
function inCommon(messages: readonly string[]): { common: string; own: readonly string[] } {
  const parts = messages.map((message) => /^([^:]*: expected .*?), received (.*?)(?:\. (Fix: .*))?\.?$/.exec(message));
  const [first] = parts;
  const isCommon = parts.every((part) => part && part[1] === first?.[1] && part[3] === first?.[3]);
  if (!first || !isCommon || messages.length === 1) return { common: '', own: messages };
  const hint = first[3] === undefined ? '' : ` ${first[3]}.`;
  return { common: `${first[1]}.${hint}`.replace(/\.\.$/, '.'), own: parts.map((part) => part?.[2] ?? '') };
}
