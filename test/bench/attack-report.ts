import { percentile } from './bench.ts';
/** Measurements of an attack. */
export interface AttackReport {
  readonly seed: number;
  readonly answers: { readonly what: string; readonly statuses: readonly number[]; readonly seconds: number }[];
  /** Response time of each request to /v1/health. */
  readonly milliseconds: readonly number[];
  /** Response time of each request to an idle control server at the same time. */
  readonly control: readonly number[];
  /** Requests to /v1/health without a 200 response. */
  readonly failures: readonly string[];
  /** Resident bytes before the attack, and the peak during it. */
  readonly rest: number;
  readonly peak: number;
  /** Whether the server still predicts afterwards. */
  readonly survives: boolean;
  /** Peak resident bytes of the process that reads archives and manifests, as the command does. */
  readonly uploaderPeak: number;
  /** Archives and manifests on which that process hung or died. */
  readonly lost: readonly string[];
}

const HEALTH_MS = 1_000;
const MEMORY_MIB = 512;
const MIB = 2 ** 20;

export type Summary = ReturnType<typeof summarize>;

/** Summarizes an attack, and checks whether it stays within the limits. */
export function summarize(attack: AttackReport) {
  const { seed, answers, failures, survives, lost } = attack;
  const [health, control] = [describe(attack.milliseconds), describe(attack.control)];
  const memory = { rest: attack.rest / MIB, peak: attack.peak / MIB, over: (attack.peak - attack.rest) / MIB };
  const failed = answers.flatMap(({ what, statuses }) =>
    statuses.filter((status) => status >= 500).map((status) => ({ what, status })),
  );
  const passed = health.p99 < HEALTH_MS && failures.length === 0 && memory.over <= MEMORY_MIB && failed.length === 0 && survives;
  const statuses = counts(answers.flatMap(({ statuses }) => statuses));
  const uploader = { peak: attack.uploaderPeak / MIB, lost };
  const slowest = [...answers].sort((a, b) => b.seconds - a.seconds).slice(0, 5);
  return {
    seed,
    inputs: answers.length,
    passed,
    health,
    control,
    failures: counts(failures),
    memory,
    statuses,
    failed,
    survives,
    uploader,
    slowest,
  };
}

/** Formats a summary as Markdown. */
export function markdownOf(report: Summary): string {
  const { health, control, memory, statuses, uploader } = report;
  const rows = [
    ['health p50, p99, max', shown(health), `p99 below ${HEALTH_MS} ms`],
    ['a server that does nothing, asked alike', shown(control), ''],
    ['health not answered', JSON.stringify(report.failures), 'none'],
    [
      'memory at rest, peak, over',
      `${memory.rest.toFixed(0)}, ${memory.peak.toFixed(0)}, ${memory.over.toFixed(0)} MiB`,
      `at most ${MEMORY_MIB} MiB over`,
    ],
    ['answers by status (0: none)', JSON.stringify(statuses), 'no 5xx'],
    ['answers afterwards', report.survives ? 'yes' : 'no', 'yes'],
    ['command that reads archives: peak, lost', `${uploader.peak.toFixed(0)} MiB, ${uploader.lost.length}`, ''],
  ];
  return [
    `seed ${report.seed}, ${report.inputs} inputs: ${report.passed ? 'passed' : 'FAILED'}`,
    '',
    '| what | seen | limit |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
    ...report.failed.map(({ what, status }) => `- ${status}: ${what}`),
    ...report.slowest.map(({ what, seconds }) => `- slow, ${seconds.toFixed(1)} s: ${what}`),
  ].join('\n');
}

function describe(milliseconds: readonly number[]) {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(milliseconds, share));
  return { questions: milliseconds.length, p50: p50 ?? Number.NaN, p99: p99 ?? Number.NaN, max: max ?? Number.NaN };
}

function shown({ p50, p99, max, questions }: ReturnType<typeof describe>): string {
  return `${p50.toFixed(1)}, ${p99.toFixed(1)}, ${max.toFixed(1)} ms of ${questions}`;
}

function counts(values: readonly (string | number)[]): Record<string, number> {
  const found = new Map<string, number>();
  for (const value of values) found.set(`${value}`, (found.get(`${value}`) ?? 0) + 1);
  return Object.fromEntries([...found].sort(([a], [b]) => a.localeCompare(b)));
}
