import { connect } from 'node:net';

export interface HttpAddress {
  readonly host: string;
  readonly port: number;
}

export interface RawAnswer {
  /** 0 if the connection ended without a response. */
  readonly status: number;
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Everything received, including interim responses. */
  readonly text: string;
}

export interface RawOptions {
  /** Closes the sending side after the last piece. */
  readonly end?: boolean;
  /** Milliseconds after which the connection is closed if no response has arrived. */
  readonly patienceMs?: number;
}

/**
 * Sends raw bytes to a server, valid HTTP or not, and reads one response. Sends pieces as they arrive, until the
 * response is complete.
 */
export function rawRequest(
  { host, port }: HttpAddress,
  pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  { end = false, patienceMs = 60_000 }: RawOptions = {},
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    let received = Buffer.alloc(0);
    const timer = setTimeout(finish, patienceMs);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (isWhole(received)) finish();
    });
    socket.once('end', finish).once('close', finish).once('error', finish);
    socket.once('connect', () => void send());

    async function send(): Promise<void> {
      for await (const piece of pieces) {
        if (socket.destroyed || !socket.writable) return;
        if (!socket.write(piece)) await new Promise((written) => socket.once('drain', written).once('close', written));
      }
      if (end && !socket.destroyed) socket.end();
    }

    function finish(): void {
      clearTimeout(timer);
      socket.destroy();
      resolve(parse(received));
    }
  });
}

/**
 * Finds the head of the final response.
 * @returns undefined until it is complete
 */
function finalHead(received: Buffer): { lines: string[]; bodyAt: number } | undefined {
  for (let from = 0; ; ) {
    const at = received.indexOf('\r\n\r\n', from);
    if (at < 0) return undefined;
    const lines = received.toString('latin1', from, at).split('\r\n');
    if (!/^HTTP\/1\.1 1\d\d/.test(lines[0] ?? '')) return { lines, bodyAt: at + 4 };
    from = at + 4;
  }
}

function isWhole(received: Buffer): boolean {
  const head = finalHead(received);
  if (head === undefined) return false;
  const { 'content-length': length } = headersOf(head.lines);
  return length !== undefined && received.length >= head.bodyAt + Number(length);
}

function parse(received: Buffer): RawAnswer {
  const text = received.toString('latin1');
  const head = finalHead(received);
  if (head === undefined) return { status: 0, headers: {}, body: '', text };
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head.lines[0] ?? '')?.[1] ?? 0);
  return { status, headers: headersOf(head.lines), body: received.toString('utf8', head.bodyAt), text };
}

function headersOf([, ...lines]: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
}

export interface PlainRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Builds a request with the required headers; given headers override them. */
export function plainRequest(
  { host, port }: HttpAddress,
  { method = 'POST', path, headers = {}, body = '' }: PlainRequest,
): Buffer {
  const bytes = Buffer.from(body);
  const all = {
    host: `${host}:${port}`,
    ...(method !== 'GET' && { 'content-length': `${bytes.length}`, 'content-type': 'application/json' }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), bytes]);
}

/**
 * Sends a request with the required headers.
 * @returns the status of the response
 */
export async function statusOf(address: HttpAddress, request: PlainRequest, options: RawOptions = {}): Promise<number> {
  return (await rawRequest(address, [plainRequest(address, request)], options)).status;
}
