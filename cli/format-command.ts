/** Commands that a message may contain; the next word distinguishes them from prose. */
const COMMANDS = new RegExp(
  `\\bgraft (?=(?:${[
    ...[
      'upload',
      'datasets?',
      'dataset-diff',
      'dataset-from',
      'demo',
      'init',
      'train',
      'jobs?',
      'cancel',
      'retry',
      'models?',
      'model-diff',
      'verify',
      'promote',
      'gate',
      'rollback',
      'retention',
      'keep',
      'drift',
      'export',
      'export-run',
    ],
    ...['predict', 'predict-batch', 'evaluate', 'backbones', 'weights'],
    ...['dev', 'console', 'mcp', 'deploy', 'destroy', 'doctor', 'completion'],
  ].join('|')})\\b)`,
  'g',
);

/** Whether the command runs in a checkout, where its modules are TypeScript, and npm runs it. */
const inCheckout = import.meta.url.endsWith('.ts') && process.env.npm_lifecycle_event !== undefined;

/**
 * A message with commands as its reader must type them: in a checkout, where npm runs the command and `graft` is not on
 * the path, `graft train` becomes `npm run -s graft -- train`.
 */
export function formatCommand(text: string, byNpm = inCheckout): string {
  return byNpm ? text.replaceAll(COMMANDS, 'npm run -s graft -- ') : text;
}
