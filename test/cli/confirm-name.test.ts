import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { confirmName } from '../../cli/confirm-name.ts';

/** A terminal at which a person types. */
function terminal(isTTY = true) {
  return { input: Object.assign(new PassThrough(), { isTTY }), output: Object.assign(new PassThrough(), { isTTY }) };
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

test('the name lets the command go on, and the question is shown', async () => {
  const { input, output } = terminal();
  input.write('graft\r');
  await expect(confirmName('graft', 'All is deleted.', { input, output })).resolves.toBeUndefined();
  expect(output.read()?.toString()).toMatch(/^All is deleted\.\n.*Type graft to go on: /);
});

test.each([
  ['another name', 'graft-2\r', 'graft-2'],
  ['another case', 'GRAFT\r', 'GRAFT'],
  ['yes', 'yes\r', 'yes'],
  ['an empty line', '\r', ''],
  ['Ctrl-C', `gra${CTRL_C}`, 'nothing'],
  ['Ctrl-D', CTRL_D, 'nothing'],
])('%s does not', async (_, typed, received) => {
  const { input, output } = terminal();
  input.write(typed);
  const refused = { name: 'UsageError', code: 'CONFIRMATION_REFUSED', received };
  await expect(confirmName('graft', 'All is deleted.', { input, output })).rejects.toMatchObject(refused);
});

test('a terminal that goes away does not', async () => {
  const { input, output } = terminal();
  input.end();
  await expect(confirmName('graft', 'All is deleted.', { input, output })).rejects.toMatchObject({
    code: 'CONFIRMATION_REFUSED',
  });
});

test('without a terminal nobody is asked', async () => {
  const { input, output } = terminal(false);
  await expect(confirmName('graft', 'All is deleted.', { input, output })).rejects.toMatchObject({
    code: 'CONFIRMATION_MISSING',
  });
  expect(output.read()).toBeNull();
});
