import { afterEach, describe, expect, test, vi } from 'vitest';
import { createOutput, reportError } from '../../cli/output.ts';
import { SpecError } from '../../lib/errors.ts';

const LABEL = 'cat\u001b]0;title\u0007\u001b[2J\u009b1Adog';
const SHOWN = 'cat ]0;title  [2J 1Adog';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What is written to a stream from now on. */
function written(stream: 'stdout' | 'stderr'): { text: string } {
  const all = { text: '' };
  vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
    all.text += chunk;
    return true;
  });
  return all;
}

describe('control characters of a label do not reach the terminal', () => {
  const value = { label: LABEL };
  test.each(['result', 'print', 'note', 'progress'] as const)('%s', (way) => {
    const [out, err] = [written('stdout'), written('stderr')];
    const output = createOutput({ json: false });
    if (way === 'result') output.result(value, `${LABEL}\tand\n\u001b[1mmore\u001b[22m`);
    else output[way](`${LABEL}\tand\n\u001b[1mmore\u001b[22m`);
    expect(out.text + err.text).toBe(`${SHOWN}\tand\n\u001b[1mmore\u001b[22m\n`);
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
