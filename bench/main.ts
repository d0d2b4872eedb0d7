/** `npm run -s bench -- NAME [--json]`: runs one benchmark; without a name, lists them. */
import { parseArgs } from 'node:util';
import { errorJson, UsageError } from '../lib/errors.ts';
import { type Bench, machine } from './bench.ts';
import { headStep } from './head-step.ts';
import { importImages } from './import.ts';
import { importMemory } from './import-memory.ts';

const BENCHES: readonly Bench[] = [headStep, importImages, importMemory];

const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } });

try {
  await main(positionals[0]);
} catch (error) {
  if (values.json) console.log(JSON.stringify({ error: errorJson(error) }));
  else console.error(errorJson(error).message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main(name: string | undefined): Promise<void> {
  if (name === undefined) {
    const list = BENCHES.map((bench) => ({ name: bench.name, about: bench.about }));
    console.log(values.json ? JSON.stringify(list) : list.map((bench) => `${bench.name}: ${bench.about}`).join('\n'));
    return;
  }
  const bench = BENCHES.find((each) => each.name === name);
  if (!bench) {
    throw new UsageError('BENCH_UNKNOWN', { expected: BENCHES.map((each) => each.name).join(', '), received: name });
  }
  const { ratio, ratios, sides, versions } = await bench.run();
  const result = { name, ratio, ratios, sides, machine: machine(), versions };
  console.log(JSON.stringify(result, null, values.json ? 0 : 2));
}
