import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { onTestFinished } from 'vitest';
import { main } from '../graft.ts';

export interface McpConnection {
  readonly client: Client;
  /** Messages that are not of the protocol. */
  readonly errors: readonly Error[];
  /** What the server wrote to standard error so far. */
  readonly log: () => string;
  /** Calls a tool. @returns `structuredContent` of the result, or `{ error }` of a failed call */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests look at
  call(name: string, args?: Record<string, unknown>): Promise<any>;
}

/** Starts `graft mcp` as an agent's client does, and connects to it; it ends with the test. */
export async function connectMcp(environment: Record<string, string>, flags: readonly string[] = []): Promise<McpConnection> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', main, 'mcp', ...flags],
    env: { PATH: process.env.PATH ?? '', GRAFT_TENSORFLOW: 'wasm', GRAFT_CALIBRATION: 'off', ...environment },
    stderr: 'pipe',
  });
  let log = '';
  transport.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  const errors: Error[] = [];
  const client = new Client({ name: 'test', version: '1' });
  client.onerror = (error) => errors.push(error);
  await client.connect(transport);
  onTestFinished(() => client.close());
  return {
    client,
    errors,
    log: () => log,
    async call(name, args = {}) {
      const result = await client.callTool({ name, arguments: args });
      if (!result.isError) return result.structuredContent;
      const [content] = result.content;
      return content?.type === 'text' ? JSON.parse(content.text) : undefined;
    },
  };
}
