import type { BenchResult } from './run-bench.ts';

const MARKERS = { start: '<!-- figures: written by `npm run -s bench -- all` -->', end: '<!-- end of figures -->' };
/** Of `machine`: not a property of the machine. */
const LOAD = ['loadBefore', 'loadAfter'];

/** Describes results as Markdown: a table, and the machines and versions that it was measured with. */
export function performanceTable(results: readonly BenchResult[]): string {
  const head = ['bench', 'ratio', 'median', 'lowest to highest', 'pairs', 'seconds (CPU seconds)', 'load'];
  const machines = [...new Set(results.map(machineOf))];
  const versions = Object.assign({}, ...results.map((result) => result.versions));
  const lines = results.flatMap((result) =>
    rowsOf(result, machines.length > 1 ? machines.indexOf(machineOf(result)) + 1 : undefined),
  );
  return [
    ...machines.map((machine, index) => `- ${machines.length > 1 ? `Machine ${index + 1}` : 'Machine'}: ${machine}.`),
    ...wrapped(`- Versions: ${describe(versions)}.`),
    '',
    row(head),
    row(head.map(() => '---')),
    ...lines.map(row),
  ].join('\n');
}

/**
 * Replaces what is between the markers of a page.
 * @throws RangeError if the page lacks them
 */
export function replaceFigures(page: string, figures: string): string {
  const [start, end] = [page.indexOf(MARKERS.start), page.indexOf(MARKERS.end)];
  if (start < 0 || end < start) throw new RangeError(`the page has no ${MARKERS.start}`);
  return `${page.slice(0, start + MARKERS.start.length)}\n\n${figures}\n\n${page.slice(end)}`;
}

/** One row for each ratio; the first one has the measurements of the sides. */
function rowsOf(result: BenchResult, machine: number | undefined): string[][] {
  const { name, ratio, ratios, spread, pairs, sides } = result;
  return Object.entries({ ratio, ...ratios }).map(([of, value], index) => {
    const { lowest = Number.NaN, highest = Number.NaN } = spread[of] ?? {};
    const first = index === 0;
    return [
      first ? `\`${name}\`${machine === undefined ? '' : ` (machine ${machine})`}` : '',
      of,
      digits(value),
      `${digits(lowest)} to ${digits(highest)}`,
      first ? String(pairs) : '',
      first ? describeSides(sides) : '',
      first ? LOAD.map((when) => digits(Number(result.machine[when]))).join(' to ') : '',
    ];
  });
}

function describeSides(sides: BenchResult['sides']): string {
  const timed = Object.entries(sides).flatMap(([side, { seconds, cpuSeconds }]) => {
    if (seconds === undefined) return [];
    return `${side} ${digits(seconds)}${cpuSeconds === undefined ? '' : ` (${digits(cpuSeconds)})`}`;
  });
  return timed.join(', ');
}

function machineOf({ machine }: BenchResult): string {
  const { cpu, cores, memoryGiB, node, ...settings } = Object.fromEntries(
    Object.entries(machine).filter(([name]) => !LOAD.includes(name)),
  );
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return [`${cpu}`, `${cores} cores`, `${memoryGiB} GiB`, `Node.js ${node}`, ...variables].join(', ');
}

function describe(versions: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, version]) => `${name} ${version}`).join(', ');
}

function digits(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The lines of a list item, of at most 120 characters. */
function wrapped(item: string): string[] {
  const lines: string[] = [];
  for (const word of item.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length === 0) lines.push(word);
    else if (longer.length > 120) lines.push(`  ${word}`);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
