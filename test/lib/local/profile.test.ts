import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
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

/** Takes many milliseconds, each of which is a sample, so that the CPU profile has its name. */
function multiplyOften(): number {
  let product = 1;
  for (let i = 0; i < 5_000_000; i++) product = (product * 1.0001) % 7;
  return product;
}

test('writes a CPU profile that names the functions, and a timeline with its rows', async () => {
  const folder = join(temporaryFolder(), 'new', 'profiles');
  const profile = await startProfile(folder, 'work');
  multiplyOften();
  vi.spyOn(performance, 'now').mockReturnValueOnce(1_050);
  profile.span('steps', 'multiply', 1_000, { numbers: 3 });
  profile.mark('log', 'done');
  expect(await profile.finish()).toEqual([join(folder, 'work.cpuprofile'), join(folder, 'work.trace.json')]);

  const cpu = CpuProfile.parse(JSON.parse(await readFile(join(folder, 'work.cpuprofile'), 'utf8')));
  expect(cpu.nodes.map(({ callFrame }) => callFrame.functionName)).toContain('multiplyOften');
  expect(cpu.samples).toHaveLength(cpu.timeDeltas.length);

  const { traceEvents } = Trace.parse(JSON.parse(await readFile(join(folder, 'work.trace.json'), 'utf8')));
  const rows = new Map(traceEvents.flatMap(({ ph, tid, args }) => (ph === 'M' ? [[tid, args]] : [])));
  expect([...rows.values()]).toEqual([{ name: 'stages' }, { name: 'steps' }, { name: 'log' }]);
  const span = traceEvents.find(({ name }) => name === 'multiply');
  expect(span).toMatchObject({ ph: 'X', args: { numbers: 3 }, ts: 1_000_000, dur: 50_000 });
  expect(rows.get(span?.tid ?? -1)).toEqual({ name: 'steps' });
  expect(traceEvents.find(({ name }) => name === 'done')).toMatchObject({ ph: 'i' });
});
