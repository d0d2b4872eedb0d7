import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Context } from '../context.ts';
import { createMcpServer, offeredTools } from '../mcp/create-mcp-server.ts';
import { createSession } from '../mcp/session.ts';
import { EXIT, type Output } from '../output.ts';

export interface McpOptions {
  /** Also offers the tools that change something. */
  readonly allowChanges?: boolean;
}

/**
 * graft mcp: serves the Model Context Protocol on standard input and output until the input ends. Everything else goes
 * to standard error.
 */
export async function mcp({ allowChanges = false }: McpOptions, context: Context, output: Output): Promise<number> {
  keepConsoleOffStdout();
  const closed = new AbortController();
  const session = createSession(context, allowChanges, closed.signal);
  const handle = serveStdio(() => createMcpServer(session, output.note), { onerror: ({ message }) => output.note(message) });
  const mode = allowChanges ? 'which may change data sets, jobs and aliases' : 'read-only';
  output.note(`Graft serves ${offeredTools(session).length} tools over the Model Context Protocol, ${mode}.`);
  await inputEnded();
  closed.abort();
  await handle.close();
  return EXIT.done;
}

/** Standard output belongs to the protocol, also if a library logs. */
function keepConsoleOffStdout(): void {
  for (const method of ['log', 'info', 'debug'] as const) console[method] = console.error;
}

/** Waits for the end of standard input, or for a signal to end. */
function inputEnded(): Promise<void> {
  return new Promise((resolve) => {
    const end = () => resolve();
    for (const event of ['end', 'close', 'error']) process.stdin.once(event, end);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end);
  });
}
