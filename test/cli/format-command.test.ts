import { describe, expect, test } from 'vitest';
import { formatCommand } from '../../cli/format-command.ts';
import { createProgram } from '../../cli/program/program.ts';

describe('a message that names a command', () => {
  test.each([
    ['Ask it:\n  graft predict trash IMAGE', 'Ask it:\n  npm run -s graft -- predict trash IMAGE'],
    ['Fix: graft upload PATH, then graft train.', 'Fix: npm run -s graft -- upload PATH, then npm run -s graft -- train.'],
    ['Graft is at http://127.0.0.1:4400, a graft of a tree', 'Graft is at http://127.0.0.1:4400, a graft of a tree'],
  ])('names it as it is typed in a checkout: %j', (text, typed) => {
    expect(formatCommand(text, true)).toBe(typed);
    expect(formatCommand(text, false)).toBe(text);
  });

  test('knows every command', () => {
    const { commands } = createProgram({ inContext: async () => {}, alone: async () => {} }, { json: false });
    const unknown = commands
      .map((one) => one.name())
      .filter((name) => formatCommand(`graft ${name} x`, true).startsWith('graft'));
    expect(unknown).toEqual([]);
  });
});
