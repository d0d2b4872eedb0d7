/** `npm run -s bench -- NAME [--pairs N] [--json]`: runs one benchmark or fills a table; without a name, lists them. */
import { errorJson, UsageError } from '../../lib/errors.ts';
import { all } from './all.ts';
import { attack } from './attack.ts';
import type { Table } from './bench.ts';
import { BENCHES } from './benches.ts';
import { calibration } from './calibration.ts';
import { closedForm } from './closed-form.ts';
import { consolePage } from './console.ts';
import { estimates } from './estimates.ts';
import { explain } from './explain.ts';
import { exportedEverywhere } from './exports.ts';
import { int8Trunk } from './int8-trunk.ts';
import { labelling } from './labelling.ts';
import { oneClass } from './one-class.ts';
import { quantization } from './quantization.ts';
import { runBench } from './run-bench.ts';
import { scale } from './scale.ts';
import { backbones, strategies } from './strategies.ts';
import { trunk } from './trunk.ts';
import { unknown } from './unknown.ts';

const TABLES: readonly Table[] = [
  all(BENCHES),
  attack,
  backbones,
  calibration,
  closedForm,
  consolePage,
  estimates,
  explain,
  exportedEverywhere,
  int8Trunk,
  labelling,
  oneClass,
  quantization,
  scale,
  strategies,
  trunk,
  unknown,
];

const args = process.argv.slice(2).filter((arg) => arg !== '--json');
const json = args.length < process.argv.length - 2;

try {
  await main(args);
} catch (error) {
  if (json) console.log(JSON.stringify({ error: errorJson(error) }));
  else console.error(errorJson(error).message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main([name, ...options]: readonly string[]): Promise<void> {
  const known = [...BENCHES, ...TABLES];
  if (name === undefined) {
    const list = known.map((each) => ({ name: each.name, about: each.about }));
    console.log(json ? JSON.stringify(list) : list.map((each) => `${each.name}: ${each.about}`).join('\n'));
    return;
  }
  const table = TABLES.find((each) => each.name === name);
  if (table !== undefined) {
    const filled = await table.run(options);
    console.log(json ? JSON.stringify(filled.json) : filled.markdown);
    return;
  }
  const bench = BENCHES.find((each) => each.name === name);
  if (bench === undefined) {
    const expected = known.map((each) => each.name).join(', ');
    throw new UsageError('BENCH_UNKNOWN', { expected, received: [name, ...options].join(' ') });
  }
  const result = await runBench(bench, options);
  console.log(JSON.stringify(result, null, json ? 0 : 2));
}
