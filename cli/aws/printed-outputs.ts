/**
 * The outputs of a stack as `cdk deploy` prints them once the stack is deployed: `Graft.ApiUrl = https://...`. CDK writes
 * the file of --outputs-file only after all stacks.
 * @param id of the stack in the CDK app
 * @returns undefined if the stack was not deployed, or has no outputs
 */
export function printedOutputs(id: string, lines: readonly string[]): Record<string, string> | undefined {
  const found = lines.flatMap((line) => {
    const [, stack, key, value] = /^(\w+)\.(\w+) = (.*)$/.exec(line) ?? [];
    return stack === id && key !== undefined && value !== undefined ? [[key, value] as const] : [];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** Whether `cdk deploy` says that a stack is deployed: `✅  GraftGpu (graft-gpu)`. @param id of the stack in the CDK app */
export function printedDone(id: string, lines: readonly string[]): boolean {
  return lines.some((line) => /^✅\s+(\w+)/.exec(line)?.[1] === id);
}
