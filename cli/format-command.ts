/** Commands of ours that a message may name; the next word tells them from prose. */
const COMMANDS = new RegExp(
  `\\bgraft (?=(?:${[
    ...[
      'upload',
      'datasets?',
      'dataset-diff',
      'init',
      'train',
      'jobs?',
      'cancel',
      'retry',
      'models?',
      'verify',
      'promote',
      'rollback',
    ],
    ...['predict', 'predict-batch', 'evaluate', 'backbones', 'weights', 'dev', 'deploy', 'destroy', 'doctor', 'completion'],
  ].join('|')})\\b)`,
  'g',
);

/** How the command runs: in a checkout its modules are TypeScript, and npm runs it. */
const inCheckout = import.meta.url.endsWith('.ts') && process.env.npm_lifecycle_event !== undefined;

/**
 * A message as its reader can type it: in a checkout, where npm runs the command and `graft` is on nobody's path, `graft train`
 * becomes `npm run -s graft -- train`.
 */
export function formatCommand(text: string, byNpm = inCheckout): string {
  return byNpm ? text.replaceAll(COMMANDS, 'npm run -s graft -- ') : text;
}
