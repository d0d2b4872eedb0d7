import { type Check, checkAll } from '../aws/checks.ts';
import { readDeployment } from '../deployment.ts';
import { EXIT, type Output, table } from '../output.ts';

/** graft doctor: checks the requirements of a deployment, and names fixes. Exit status 1 if a check fails. */
export async function doctor(output: Output): Promise<number> {
  const checks = await checkAll(await readDeployment(process.env), ({ name }) => output.progress(`checked ${name}`));
  output.endProgress();
  const healthy = checks.every(({ verdict }) => verdict !== 'fail');
  output.result({ healthy, checks }, described(checks));
  return healthy ? EXIT.done : EXIT.failed;
}

function described(checks: readonly Check[]): string {
  const lines = table(checks.map(({ verdict, name, found }) => [verdict, name, found])).split('\n');
  return checks.flatMap(({ fix }, line) => [lines[line] ?? '', ...(fix === undefined ? [] : [`      fix: ${fix}`])]).join('\n');
}
