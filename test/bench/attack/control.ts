import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { HttpAddress } from './raw-request.ts';

const program = fileURLToPath(new URL('./control-server.ts', import.meta.url));

export interface Control extends HttpAddress {
  close(): void;
}

/** Starts an idle control server, which gets the same requests as the attacked one. */
export async function startControl(): Promise<Control> {
  const child = fork(program, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const [address] = await once(child, 'message');
  const { port } = z.object({ port: z.number() }).parse(address);
  return { host: '127.0.0.1', port, close: () => child.disconnect() };
}
