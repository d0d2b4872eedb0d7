import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { UsageError } from '../../lib/errors.ts';
import { machine, type Table } from './bench.ts';
import { CLOSED_FORM_CASES } from './closed-form-cases.ts';
import { inOwnProcess } from './scratch.ts';

const child = fileURLToPath(new URL('./measure-closed-form.ts', import.meta.url));
const Measurement = z.object({ wallSeconds: z.number(), cpuSeconds: z.number(), peakMebibytes: z.number() });

/** Measures time and peak memory of closed-form heads, each in a process of its own. */
export const closedForm: Table = {
  name: 'closed-form',
  about: `time and peak memory of closed-form heads on synthetic features: [${CLOSED_FORM_CASES.map(({ name }) => name).join('] [')}]`,
  async run(args) {
    const unknown = args.find((arg) => CLOSED_FORM_CASES.every(({ name }) => name !== arg));
    if (unknown !== undefined)
      throw new UsageError('USAGE', { expected: CLOSED_FORM_CASES.map(({ name }) => name).join(', '), received: unknown });
    const cases = [];
    for (const { name } of CLOSED_FORM_CASES.filter((each) => args.length === 0 || args.includes(each.name))) {
      const output = await inOwnProcess([child, name], { GRAFT_TENSORFLOW: 'wasm' });
      cases.push({ name, ...Measurement.parse(JSON.parse(output)) });
    }
    const rows = cases.map(
      ({ name, wallSeconds, cpuSeconds, peakMebibytes }) =>
        `| ${name} | ${wallSeconds.toFixed(1)} | ${cpuSeconds.toFixed(1)} | ${peakMebibytes.toFixed(0)} |`,
    );
    const head = ['| head | seconds | CPU seconds | peak MiB |', '| --- | --- | --- | --- |'];
    return { markdown: [...head, ...rows].join('\n'), json: { name: 'closed-form', cases, machine: machine() } };
  },
};
