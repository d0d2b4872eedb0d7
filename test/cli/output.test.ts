import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { formatCommand } from '../../cli/format-command.ts';
import { createOutput, reportError } from '../../cli/output.ts';
import { SpecError } from '../../lib/errors.ts';
import { written } from '../support/written.ts';

const LABEL = 'cat\u001b]0;title\u0007\u001b[2J\u009b1A\r[mdog\u001b[8m';
const SHOWN = 'cat ]0;title  [2J 1A [mdog [8m';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('control characters of a label do not reach the terminal', () => {
  const value = { label: LABEL };
  test.each(['result', 'print', 'heading', 'note', 'progress'] as const)('%s', (way) => {
    const [out, err] = [written('stdout'), written('stderr')];
    const output = createOutput({ json: false });
    if (way === 'result') output.result(value, `${LABEL}\tand\nmore`);
    else output[way](`${LABEL}\tand\nmore`);
    expect(out.text + err.text).toBe(`${SHOWN}\tand\nmore\n`);
  });

  test('and the styles of the command do', () => {
    const { isTTY } = process.stdout;
    onTestFinished(() => void Object.assign(process.stdout, { isTTY }));
    process.stdout.isTTY = true;
    vi.stubEnv('TERM', 'xterm');
    vi.stubEnv('NO_COLOR', '');
    const out = written('stdout');
    const output = createOutput({ json: false });
    output.heading(LABEL);
    output.print('  graft train');
    expect(out.text).toBe(`\u001b[1m${SHOWN}\u001b[22m\n\u001b[36m  ${formatCommand('graft train')}\u001b[39m\n`);
  });

  test('errors', () => {
    const err = written('stderr');
    reportError(new SpecError('LABEL_UNKNOWN', { at: 'label', expected: 'a class', received: LABEL }), { json: false });
    expect(err.text).toContain(SHOWN);
    expect(err.text).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test('and --json gives them as they are', () => {
    const out = written('stdout');
    createOutput({ json: true }).result(value, LABEL);
    expect(JSON.parse(out.text)).toEqual(value);
  });
});
