/** Where the output of a job lies. */
export function outputPrefix(job: string): string {
  return `predictions/${job}/`;
}
