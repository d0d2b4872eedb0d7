import { RuntimeError } from '../lib/errors.ts';

/** The first that has node:sqlite without a flag. */
const OLDEST = [22, 13] as const;

/** @param version as process.versions.node has it @throws RuntimeError NODE_TOO_OLD */
export function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new RuntimeError('NODE_TOO_OLD', {
    expected: `Node ${OLDEST.join('.')} or newer`,
    received: version,
    fix: 'install Node 22, for example with nvm install 22, and run graft again',
  });
}
