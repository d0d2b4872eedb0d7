import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { root } from './support/docs/pages.ts';

const parts = [...readFileSync(join(root, '.ci/run'), 'utf8').matchAll(/^ *part (\S+) npm (.+)$/gm)].map(
  ([, name = '', command = '']) => ({
    name,
    command,
  }),
);
const workflow = readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8');
const jobs = [...workflow.matchAll(/^ +parts: (.+)$/gm)].map(([, names = '']) => names.split(' '));

test('every suite that package.json has is a part of .ci/run', () => {
  const run = parts.map(({ command }) => command.replace(/^run (?:-s )?/, ''));
  expect(run).toEqual(expect.arrayContaining(Object.keys(packageJson.scripts).filter((name) => name.startsWith('test:'))));
});

test('every part of .ci/run is run by one job of the workflow, each of which installs first', () => {
  expect(jobs.map(([first]) => first)).toEqual(jobs.map(() => 'install'));
  const named = jobs.flatMap(([, ...names]) => names);
  expect(named.sort()).toEqual(
    parts
      .map(({ name }) => name)
      .filter((name) => name !== 'install')
      .sort(),
  );
});

test('actions are named by the hash of a commit, and may read the repository only', () => {
  const used = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((action) => !/^actions\/[\w-]+@[0-9a-f]{40}$/.test(action ?? ''))).toEqual([]);
  expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m);
});
