import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { startProfile } from '../../../lib/local/profile.ts';
import { temporaryFolder } from '../../support/folder.ts';

const CpuProfile = z.looseObject({
  nodes: z.array(z.looseObject({ callFrame: z.looseObject({ functionName: z.string() }) })),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});
const Trace = z.strictObject({
  traceEvents: z.array(
    z.looseObject({ name: z.string(), ph: z.enum(['X', 'i', 'M']), ts: z.number(), dur: z.number().optional(), tid: z.int() }),
  ),
  displayTimeUnit: z.literal('ms'),
});

/** Found by its name in the CPU profile. */
function multiplyForAWhile(): number {
  let product = 1;
  for (const begun = performance.now(); performance.now() - begun < 50; ) product = (product * 1.0001) % 7;
  return product;
}

test('writes a CPU profile that names the functions, and a timeline with its rows', async () => {
  const folder = join(temporaryFolder(), 'new', 'profiles');
  const profile = await startProfile(folder, 'work');
  const begun = performance.now();
  multiplyForAWhile();
  profile.span('steps', 'multiply', begun, { numbers: 3 });
  profile.mark('log', 'done');
  expect(await profile.finish()).toEqual([join(folder, 'work.cpuprofile'), join(folder, 'work.trace.json')]);

  const cpu = CpuProfile.parse(JSON.parse(await readFile(join(folder, 'work.cpuprofile'), 'utf8')));
  expect(cpu.nodes.map(({ callFrame }) => callFrame.functionName)).toContain('multiplyForAWhile');
  expect(cpu.samples).toHaveLength(cpu.timeDeltas.length);

  const { traceEvents } = Trace.parse(JSON.parse(await readFile(join(folder, 'work.trace.json'), 'utf8')));
  const rows = new Map(traceEvents.flatMap(({ ph, tid, args }) => (ph === 'M' ? [[tid, args]] : [])));
  expect([...rows.values()]).toEqual([{ name: 'stages' }, { name: 'steps' }, { name: 'log' }]);
  const span = traceEvents.find(({ name }) => name === 'multiply');
  expect(span).toMatchObject({ ph: 'X', args: { numbers: 3 }, ts: begun * 1000 });
  expect(span?.dur).toBeGreaterThanOrEqual(50_000);
  expect(rows.get(span?.tid ?? -1)).toEqual({ name: 'steps' });
  expect(traceEvents.find(({ name }) => name === 'done')).toMatchObject({ ph: 'i' });
});
