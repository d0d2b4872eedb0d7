/** An action of the page in the forms in which a user can copy it. */
export interface Action {
  readonly command: string;
  readonly curl: string;
  readonly typescript: string;
}

interface Described {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** A file to send as the body. */
  readonly file?: string;
  /** The words after `graft`. */
  readonly command: readonly string[];
  /** A call of the typed client, such as `client.jobs.cancel(id)`. */
  readonly call: string;
}

const SAFE = /^[\w@%+=:,./-]+$/;

/** Quotes a word for a POSIX shell where it needs that. */
export function shellWord(word: string): string {
  return SAFE.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The forms of an action.
 * @param address of the API
 */
export function actionOf(address: string, { method, path, body, file, command, call }: Described): Action {
  const words = ['curl', '-s', ...(method === 'GET' || method === 'POST' ? [] : ['-X', method]), `${address}${path}`];
  if (method === 'POST' && body === undefined && file === undefined)
    words.push('-d', '{}', '-H', 'content-type: application/json');
  if (body !== undefined) words.push('-H', 'content-type: application/json', '-d', JSON.stringify(body));
  if (file !== undefined) words.push('--data-binary', `@${file}`);
  return {
    command: ['graft', ...command].map(shellWord).join(' '),
    curl: words.map(shellWord).join(' '),
    typescript: [
      "import { createClient, httpTransport } from '@graft-ml/graft/client';",
      '',
      `const client = createClient(httpTransport(${quoted(address)}));`,
      call,
    ].join('\n'),
  };
}

/** A string as a literal of TypeScript. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}
