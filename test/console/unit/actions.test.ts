import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { actionOf, quoted, shellWord } from '../../../console/actions.ts';

const HOSTILE = ["it's", '$(touch x)', '`id`', 'two words', 'a"b', '*', 'line\nbreak', ''];

test('a quoted word reaches the program of a shell as it is', () => {
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${HOSTILE.map(shellWord).join(' ')}`], { encoding: 'utf8' });
  expect(printed.split('\0').slice(0, -1)).toEqual(HOSTILE);
});

test('a quoted string is a literal of TypeScript', () => {
  for (const value of HOSTILE) expect(new Function(`return ${quoted(value)}`)()).toBe(value);
});

test('an action is a command, a request and a program', () => {
  const body = { name: "it's" };
  const described = {
    method: 'POST',
    path: '/v1/jobs',
    body,
    command: ['train', '--name', "it's"],
    call: 'await client.x();',
  } as const;
  const { command, curl, typescript } = actionOf('http://127.0.0.1:4400', described);
  expect(command).toBe(`graft train --name 'it'\\''s'`);
  expect(curl).toBe(`curl -s http://127.0.0.1:4400/v1/jobs -H 'content-type: application/json' -d '{"name":"it'\\''s"}'`);
  expect(typescript).toContain("createClient(httpTransport('http://127.0.0.1:4400'));\nawait client.x();");
});
