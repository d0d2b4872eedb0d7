import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { openConsole } from '../../functions/local/console-files.ts';
import { consoleFile } from '../../functions/local/get-console.ts';
import { SIGN_IN_META, type SignInSettings } from '../../lib/contracts/sign-in-settings.ts';
import { escapeHtml } from '../../lib/escape-html.ts';

/** A file of the console's site, as S3 stores and CloudFront serves it. */
export interface SiteFile {
  /** Its path, without the first `/`. */
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly cacheControl: string;
}

const PAGE = 'index.html';
const WASM = 'onnxruntime.wasm';
const REVALIDATE = 'no-cache';

/**
 * The files of the console's site, in an order in which no file names a later one: parts, which have a hash in their
 * names, then what the page loads, and the page last.
 * @param signIn goes into the page, where no script has to be loaded to read it
 */
export async function siteFiles(signIn: SignInSettings): Promise<SiteFile[]> {
  const names = [...(await openConsole()).keys()].filter((name) => name !== PAGE);
  const [parts, others] = [names.filter(isPart), names.filter((name) => !isPart(name))];
  const files = await Promise.all([WASM, ...parts, ...others].map(siteFile));
  return [...files, await sitePage(signIn)];
}

function isPart(name: string): boolean {
  return name.startsWith('part-');
}

async function siteFile(name: string): Promise<SiteFile> {
  const { body, headers } = await consoleFile(name);
  return {
    key: `console/${name}`,
    body: Buffer.from(body),
    contentType: headers['content-type'] ?? 'application/octet-stream',
    // CloudFront compresses no file of more than 10 MB.
    contentEncoding: 'gzip',
    cacheControl: headers['cache-control'] ?? REVALIDATE,
  };
}

async function sitePage(signIn: SignInSettings): Promise<SiteFile> {
  const { body, headers } = await consoleFile(PAGE);
  const page = (await promisify(gunzip)(body)).toString();
  const meta = `<meta name="${SIGN_IN_META}" content="${escapeHtml(JSON.stringify(signIn))}">`;
  return {
    key: PAGE,
    body: Buffer.from(page.replace('</head>', () => `${meta}\n</head>`)),
    contentType: headers['content-type'] ?? 'text/html; charset=utf-8',
    cacheControl: REVALIDATE,
  };
}
