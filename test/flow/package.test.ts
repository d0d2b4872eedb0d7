import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { fillExampleFolder } from '../support/datasets/example-folder.ts';
import { readPage, root } from '../support/docs/pages.ts';
import { scratchFolder } from '../support/graft.ts';

const run = promisify(execFile);
/** As a user has it: this Node, whatever the system has, and nothing of the npm that runs the tests. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:npm_|GRAFT_|VITEST)/.test(name))),
  PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
  ONNXRUNTIME_NODE_INSTALL: 'skip',
};

describe('the package, installed from its tarball into an empty project', () => {
  const folder = scratchFolder({ until: 'file' });
  const at = { cwd: folder, env, maxBuffer: 64 * 2 ** 20 };
  const graft = (...args: string[]) => run(join(folder, 'node_modules/.bin/graft'), args, at);

  beforeAll(async () => {
    await run('npm', ['run', '-s', 'pack', '--', '--pack-destination', folder], { cwd: root, env });
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    expect(statSync(join(folder, `${tarball}`)).size).toBeLessThan(60 * 2 ** 20);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], at);
    fillExampleFolder(folder);
  }, 600_000);

  const examples = readPage('docs/library.md').sections.flatMap(({ blocks }) => blocks);
  const programs = examples.filter(({ language }) => language === 'js').map(({ line, text }) => [line, text] as const);

  test.each(programs)('docs/library.md:%i runs as it stands', async (line, text) => {
    const program = join(folder, `example-${line}.js`);
    writeFileSync(program, text);
    const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', program], at);
    expect(stdout).not.toBe('');
  });

  test('its declarations are what a strict TypeScript program compiles against', async () => {
    const files = examples
      .filter(({ language }) => language === 'js' || language === 'ts')
      .map(({ line, text }) => {
        const file = join(folder, `typed-${line}.ts`);
        writeFileSync(file, text);
        return file;
      });
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2024'];
    const checked = run(process.execPath, [compiler, ...options, '--skipLibCheck', 'false', ...types, ...files], at);
    await expect(checked).resolves.toBeDefined();
  });

  test('the graft command trains in the background and answers, and npm run words are not its own', async () => {
    const trained = JSON.parse((await graft('train', '--dataset', 'flowers', '--input-size', '64', '--wait', '--json')).stdout);
    expect(trained).toMatchObject({ state: 'SUCCEEDED', model: 'flowers' });
    expect(existsSync(trained.report)).toBe(true);
    const { stdout } = await graft('predict', 'flowers', 'photo.jpg', '--json');
    expect(JSON.parse(stdout).predictions).toHaveLength(1);
    expect((await graft('models')).stdout).toContain('\n  graft model flowers@');
  });

  test.each(['deploy', 'destroy', 'doctor'])('graft %s says that it needs a clone of the repository', async (command) => {
    const failed = await graft(command, '--json').catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 2, stdout: expect.stringContaining('"code": "CDK_APP_MISSING"') });
  });

  test('graft demo trains on the photographs of the package, and with --json tells it in one document', async () => {
    const told = await graft('demo');
    expect(told.stdout).toContain('trash@1 is ready');
    expect(told.stdout).toContain('sample-trashnet-unseen/metal.jpg');
    expect(JSON.parse((await graft('demo', '--json')).stdout)).toMatchObject({
      trained: { state: 'SUCCEEDED', model: 'trash', version: 2 },
      predicted: { predictions: [{}, {}, {}] },
    });
  }, 600_000);
});
