import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exportModel } from '../../../lib/model-exports/export-model.ts';
import { fixturePath } from '../../support/fixtures.ts';
import { scratchFolder } from '../../support/graft.ts';
import { exportedModel, writeExport } from '../../support/models/exported-model.ts';

const image = fixturePath('trash/glass/glass119.jpg');
const programs = {
  onnx: ['predict.mjs', image],
  npm: ['program.mjs'],
} as const;

/** Predicts with an export on a processor. @returns the options with which it opened its session */
async function optionsOn(format: keyof typeof programs, arch: string, flags: string | undefined): Promise<unknown> {
  const folder = scratchFolder();
  writeExport(folder, await exportModel(exportedModel(), format), ['onnxruntime-node', 'sharp']);
  writeFileSync(join(folder, 'program.mjs'), `import { predict } from './index.js';\nawait predict(${JSON.stringify(image)});`);
  const processor = join(folder, 'processor.mjs');
  writeFileSync(
    processor,
    `import { promises } from 'node:fs';
     import { syncBuiltinESMExports } from 'node:module';
     import { InferenceSession } from 'onnxruntime-node';
     import 'sharp'; // Before the architecture changes.
     const { readFile } = promises;
     const flags = ${JSON.stringify(flags ?? null)};
     promises.readFile = async (path, ...more) => {
       if (path !== '/proc/cpuinfo') return readFile(path, ...more);
       if (flags === null) throw new Error('no such file');
       return 'flags\\t\\t: ' + flags;
     };
     syncBuiltinESMExports();
     const create = InferenceSession.create.bind(InferenceSession);
     InferenceSession.create = (model, options) => {
       console.error('options ' + JSON.stringify(options ?? {}));
       return create(model, options);
     };
     Object.defineProperty(process, 'arch', { value: ${JSON.stringify(arch)} });`,
  );
  const args = ['--import', pathToFileURL(processor).href, ...programs[format]];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder });
  return JSON.parse(/^options (.*)$/m.exec(stderr)?.[1] ?? '');
}

const safe = { extra: { session: { x64quantprecision: '1' } } };

test.each([
  ['x86 without VNNI', 'x64', 'fpu avx2 fma', safe],
  ['x86 with VNNI of AVX-512', 'x64', 'fpu avx2 avx512f avx512_vnni', {}],
  ['x86 with VNNI of AVX', 'x64', 'fpu avx2 avx_vnni', {}],
  ['x86 that is not known', 'x64', undefined, safe],
  ['ARM', 'arm64', undefined, {}],
] as const)('exports for Node.js choose the sums of int8 by themselves: %s', async (_, arch, flags, options) => {
  for (const format of ['onnx', 'npm'] as const) expect(await optionsOn(format, arch, flags)).toEqual(options);
});
