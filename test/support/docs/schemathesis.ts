import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pythonProgram } from '../processes/python-program.ts';

const VERSION = '4.32.5';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
const hooks = fileURLToPath(new URL('../../api', import.meta.url));

/** Ids that exist, by the first part of a path behind the version, and the parameter's name. */
export type KnownIds = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

/**
 * Sends generated requests, good and bad ones, to every operation of an API's own description, and holds the answers to
 * it: no 5xx, no status, header, type or member that is not described. The same seed makes the same requests.
 * @returns what it found, as it says it; its exit status is 0 where it found nothing
 */
export async function runSchemathesis(
  address: string,
  { known, casesPerOperation, folder }: { known: KnownIds; casesPerOperation: number; folder: string },
): Promise<{ status: number; report: string }> {
  const args = [
    ...['run', `${address}/openapi.json`, '--phases', 'fuzzing', '--mode', 'all', '--checks', CHECKS.join(',')],
    ...['--max-examples', `${casesPerOperation}`, '--seed', '20260', '--generation-database', 'none', '--workers', '1'],
    ...['--continue-on-failure', '--no-shrink', '--no-color', '--rate-limit', 'auto', '--warnings', 'off'],
    ...['--suppress-health-check', 'all'],
  ];
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    PYTHONPATH: hooks,
    PYTHONDONTWRITEBYTECODE: '1',
    SCHEMATHESIS_HOOKS: 'known_ids',
    GRAFT_KNOWN_IDS: JSON.stringify(known),
  };
  const program = await pythonProgram('schemathesis', VERSION);
  return new Promise((resolve) => {
    const child = execFile(program, args, { env, cwd: folder, maxBuffer: 64 * 2 ** 20 }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, report: stdout + stderr }),
    );
  });
}
