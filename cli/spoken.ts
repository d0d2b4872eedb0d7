/** Commands of ours that a message may name; the next word tells them from prose. */
const COMMANDS = /\bgraft (?=(?:dev|upload|datasets?|dataset-diff|train|jobs?|cancel|models|predict|backbones|weights)\b)/g;

/**
 * A message as its reader can type it: in a checkout, where npm runs the command and `graft` is on nobody's path, `graft train`
 * becomes `npm run -s graft -- train`.
 */
export function spoken(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  return environment.npm_lifecycle_event === undefined ? text : text.replaceAll(COMMANDS, 'npm run -s graft -- ');
}
