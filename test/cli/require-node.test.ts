import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { requireNode } from '../../cli/require-node.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { main } from '../support/graft.ts';

test.each(['22.13.0', '22.23.3', '23.0.0', '24.11.1'])('Node %s will do', (version) => {
  expect(() => requireNode(version)).not.toThrow();
});

test.each(['16.20.2', '18.20.8', '20.19.0', '22.12.0'])('Node %s is refused, with what will do', (version) => {
  expect(() => requireNode(version)).toThrow(
    expect.objectContaining({ code: 'NODE_TOO_OLD', expected: 'Node 22.13 or newer', received: version }),
  );
});

test('the package asks for the same', () => {
  const [, oldest = ''] = /^>=(\d+\.\d+)$/.exec(packageJson.engines.node) ?? [];
  expect(() => requireNode(`${oldest}.0`)).not.toThrow();
  const [major = 0, minor = 0] = oldest.split('.').map(Number);
  expect(() => requireNode(`${major}.${minor - 1}.99`)).toThrow();
});

test('the command of an older Node says one sentence, or one JSON document, and fails', () => {
  const older = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})';
  const graft = (...args: string[]) =>
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--import', older, main, ...args], {
      encoding: 'utf8',
    });
  const { status, stdout, stderr } = graft('jobs');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^error: .*Node 22\.13 or newer.*\n$/);
  const json = graft('jobs', '--json');
  expect(json).toMatchObject({ status: 1, stderr: '' });
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'NODE_TOO_OLD' } });
});
