import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { backboneCost } from '../../lib/backbones/backbone-cost.ts';
import { catalogue } from '../../lib/backbones/catalogue.ts';
import { root } from '../support/docs/pages.ts';
import { scratchFolder } from '../support/graft.ts';
import { startScript } from '../support/processes/script.ts';

const script = new URL('scripts/frozen-job.ts', import.meta.url);
const wanted = new RegExp(process.env.GRAFT_BACKBONES ?? '', 'i');
const backbones = catalogue
  .flatMap(({ name, variants }) => variants.map(({ alpha }) => ({ name, alpha })))
  .filter(({ name, alpha }) => wanted.test(`${name.replaceAll('_', '')}${alpha === 1 ? '' : `-${alpha}`}`))
  .sort((a, b) => backboneCost(a).total.multiplyAdds - backboneCost(b).total.multiplyAdds);
const images = scratchFolder({ until: 'file' });
const Finished = z.object({ cut: z.string(), mebibytes: z.number(), loss: z.number() });

const samples = join(root, 'assets/sample-trashnet');
for (const label of ['glass', 'metal', 'paper', 'plastic']) {
  for (const file of readdirSync(join(samples, label)).slice(0, 10))
    cpSync(join(samples, label, file), join(images, label, file));
}

/** Minutes for the whole catalogue, so only where it is asked for: npm run test:backbones -- --jobs. */
test.each(backbones)('a job on $name, alpha $alpha, frozen, comes to its end', { timeout: 1_800_000 }, async (backbone) => {
  const job = startScript(script, images, scratchFolder(), backbone.name, String(backbone.alpha));
  const [line = ''] = await job.read(1);
  expect(await job.ended).toBe(0);
  process.stderr.write(`${line}\n`);
  expect(Number.isFinite(Finished.parse(JSON.parse(line)).loss)).toBe(true);
});
