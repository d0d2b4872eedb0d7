import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fillExampleFolder } from '../../support/datasets/example-folder.ts';
import { type Block, pagePaths, readPage } from '../../support/docs/pages.ts';
import { main, scratchFolder } from '../../support/graft.ts';

const prelude = join(import.meta.dirname, 'prelude.sh');

/**
 * Every ```sh block runs, one after the other in one shell; ```sh network needs what a test cannot have, ```sh fails is
 * to fail.
 */
describe('the examples of the pages run as they stand', () => {
  const pages = pagePaths().map((path): [string, Block[]] => {
    const blocks = readPage(path).sections.flatMap((section) => section.blocks);
    return [path, blocks.filter(({ language, note }) => language === 'sh' && note !== 'network')];
  });

  const scratch = scratchFolder({ until: 'file' });

  test.concurrent.each(pages.filter(([, blocks]) => blocks.length > 0))('%s', async (path, blocks) => {
    const folder = join(scratch, path.replaceAll('/', '-'));
    mkdirSync(folder);
    fillExampleFolder(folder);
    const examples = join(folder, '.examples');
    const names = blocks.map(({ line }) => `${path}:${line}`);
    const calls = blocks.map(({ text, note }, index) => {
      const file = join(examples, names[index]!);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${text}\n`);
      return `example ${names[index]} ${note}`;
    });
    const said = await run(['-c', [`source ${prelude}`, ...calls].join('\n')], folder, { GRAFT_EXAMPLES: examples });
    const done = [...said.matchAll(/^ok (.*)$/gm)].map(([, name]) => name);
    expect(done, said).toEqual(names);
  });
});

/** What bash says, on either of its outputs. */
function run(args: readonly string[], cwd: string, environment: Record<string, string>): Promise<string> {
  const env = { ...process.env, GRAFT_NODE: process.execPath, GRAFT_MAIN: main, ...environment };
  return new Promise((resolve) => {
    execFile('bash', args, { cwd, env, timeout: 1_150_000, maxBuffer: 64 * 2 ** 20 }, (_, stdout, stderr) =>
      resolve(`${stdout}\n${stderr}`),
    );
  });
}
