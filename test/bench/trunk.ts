import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { z } from 'zod';
import { catalogue } from '../../lib/backbones/catalogue.ts';
import { loadBackbone } from '../../lib/backbones/load-backbone.ts';
import { exportOnnx } from '../../lib/onnx/export-onnx.ts';
import { openSession } from '../../lib/onnx/session.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';
import type { Table } from './bench.ts';

const ROUNDS = 3;
/** `scaledFrom`: the speed was not measured on this processor, but scaled from that backbone's by multiply-adds. */
const Speed = z.object({ name: z.string(), imagesPerSecond: z.number(), scaledFrom: z.string().optional() });
type Speed = z.infer<typeof Speed>;
const SpeedTable = z.object({ backbones: z.array(Speed) });
const file = new URL('../../lib/backbones/catalogue/speeds.generated.json', import.meta.url);

/**
 * Measures the speed of each backbone as a frozen trunk, which `graft backbones` shows. With --write, updates the
 * catalogue's table.
 */
export const trunk: Table = {
  name: 'trunk',
  about: 'images a second of every backbone in ONNX Runtime, on one core at its own input size: [--write] [NAME...]',
  async run(args) {
    const wanted = args.filter((arg) => arg !== '--write');
    await startTensorFlow();
    const backbones: Speed[] = [];
    for (const { name } of catalogue.filter((row) => wanted.length === 0 || wanted.includes(row.name))) {
      const milliseconds = await cpuMillisecondsPerImage(name);
      backbones.push({ name, imagesPerSecond: Number((1000 / milliseconds).toPrecision(3)) });
      process.stderr.write(`${name}: ${milliseconds.toFixed(0)} ms\n`);
    }
    const measured = { date: new Date().toISOString().slice(0, 10), cpu: cpus()[0]?.model ?? 'unknown', backbones };
    if (args.includes('--write'))
      writeFileSync(file, `${JSON.stringify({ ...measured, backbones: inTable(backbones) }, null, 2)}\n`);
    const rows = backbones.map(({ name, imagesPerSecond }) => `| \`${name}\` | ${imagesPerSecond} |`);
    return { markdown: ['| backbone | images a second and core |', '| --- | --- |', ...rows].join('\n'), json: measured };
  },
};

/** Merges new measurements into the table; others stay unchanged. */
function inTable(measured: readonly Speed[]): Speed[] {
  const { backbones } = SpeedTable.parse(JSON.parse(readFileSync(file, 'utf8')));
  return catalogue.flatMap(({ name }) => [...measured, ...backbones].find((speed) => speed.name === name) ?? []);
}

/**
 * Returns the minimum over several runs of one image on one thread, in CPU time, which other load on the machine hardly
 * affects.
 */
async function cpuMillisecondsPerImage(name: string): Promise<number> {
  const { model, preprocessing, inputSize } = loadBackbone({ name, weights: 'none', pooling: 'avg' });
  const graph = exportOnnx(model, { preprocessing });
  model.dispose();
  const session = await openSession(graph, { threads: 1 });
  const [height, width] = inputSize;
  const pixels = new Float32Array(height * width * 3).fill(127);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage();
    await session.run(pixels, [1, height, width, 3]);
    const { user, system } = process.cpuUsage(before);
    if (round > 0) least = Math.min(least, (user + system) / 1000);
  }
  await session.close();
  return least;
}
