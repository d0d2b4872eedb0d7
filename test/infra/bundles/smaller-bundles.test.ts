import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';
import { englishOnly } from '../../../functions/local/english-only.ts';
import { sdkAsModules } from '../../../infra/bundles/sdk-as-modules.ts';
import { root } from '../../support/docs/pages.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('a bundle has the English messages of Zod, and no others', async () => {
  const { inputs, output } = await bundleAndRun(
    "import { z } from 'zod'; console.log(z.string().safeParse(1).error.issues[0].message);",
    englishOnly(),
  );
  expect(inputs.filter((path) => /zod\/v4\/locales\/(?!index)/.test(path)).map((path) => path.split('/').at(-1))).toEqual([
    'en.js',
  ]);
  expect(output).toBe('Invalid input: expected string, received number\n');
});

test('a bundle has the commands of the AWS SDK that it uses, as ES modules', async () => {
  const { inputs, output } = await bundleAndRun(
    "import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'; import { Upload } from '@aws-sdk/lib-storage';" +
      "const client = new S3Client({ region: 'eu-west-1' }); console.log(typeof Upload, new HeadObjectCommand({}).input, client.config.serviceId);",
    sdkAsModules(),
  );
  expect(inputs.some((path) => path.endsWith('client-s3/dist-es/commands/HeadObjectCommand.js'))).toBe(true);
  expect(inputs.filter((path) => /@(aws-sdk|smithy)\/.*\/dist-cjs\//.test(path))).toEqual([]);
  expect(output).toBe('function {} S3\n');
});

/** Bundles a module in the root of the repository. @returns the files in the bundle, and what it prints */
async function bundleAndRun(contents: string, plugin: Plugin): Promise<{ inputs: string[]; output: string }> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const outfile = join(folder, 'bundle.js');
  const { metafile } = await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [plugin],
    metafile: true,
    logLevel: 'error',
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  return { inputs, output: execFileSync(process.execPath, [outfile], { encoding: 'utf8' }) };
}
