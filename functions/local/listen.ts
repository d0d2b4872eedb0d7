import { lookup } from 'node:dns/promises';
import type { Server } from 'node:http';
import { type GraftError, RuntimeError } from '../../lib/errors.ts';

/** The IP address of a name of this machine, or of an address. @throws RuntimeError CANNOT_LISTEN */
export async function listenAddress(host: string): Promise<string> {
  try {
    // An empty name would mean every address of the machine.
    if (host === '') throw new Error('an empty name');
    return (await lookup(host)).address;
  } catch (error) {
    throw cannotListen(host, error);
  }
}

/** @returns the port, which the system chooses for port 0. @throws RuntimeError PORT_IN_USE, CANNOT_LISTEN */
export function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(error, address, port));
    server.once('error', fail);
    server.listen(port, address, () => {
      // A connection that cannot be accepted, for example without free file descriptors, must not end the server.
      server.off('error', fail).on('error', () => {});
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): GraftError {
  if (error.code !== 'EADDRINUSE') return cannotListen(`${host}:${port}`, error);
  return new RuntimeError('PORT_IN_USE', {
    at: `${host}:${port}`,
    expected: 'a free port',
    received: 'a port that another program listens on',
    fix: `stop that program, or use another port: --port ${port + 1}`,
    cause: error,
  });
}

function cannotListen(at: string, cause: unknown): RuntimeError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return new RuntimeError('CANNOT_LISTEN', {
    at,
    expected: 'an address of this machine and a port that you may use',
    received: code ?? String(cause),
    // `graft console` has no --host: it always listens on this address.
    fix: code === 'EACCES' ? 'use --port with a number above 1023' : 'use --host 127.0.0.1',
    cause,
  });
}
