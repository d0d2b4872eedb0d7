import type { z } from 'zod';
import { parseContract } from '../../lib/contracts/explain/contract-error.ts';
import type { Session } from './session.ts';

/** What a tool that changes something does to what exists. */
export interface Changes {
  /** Whether it replaces or ends something, and not only adds. */
  readonly destructive: boolean;
  /** Whether a second call with the same arguments changes nothing more. */
  readonly idempotent: boolean;
}

export interface ToolResult {
  readonly value: Record<string, unknown>;
  /** The result for a reader, in a few lines. */
  readonly text: string;
}

/** A tool of the Model Context Protocol. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** Absent: the tool only reads. */
  readonly changes?: Changes;
  /** @throws SpecError REQUEST_INVALID, UNKNOWN_KEY; those of the tool */
  run(args: unknown, session: Session, signal: AbortSignal): Promise<ToolResult>;
}

interface Definition<Input extends z.ZodObject, Output extends z.ZodObject> extends Omit<Tool, 'run'> {
  readonly input: Input;
  readonly output: Output;
  run(
    args: z.output<Input>,
    session: Session,
    signal: AbortSignal,
  ): Promise<{ readonly value: z.output<Output>; readonly text: string }>;
}

/** Defines a tool whose arguments and result have the types of its contracts. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(tool: Definition<Input, Output>): Tool {
  return {
    ...tool,
    run: (args, session, signal) =>
      tool.run(parseContract(tool.input, args, { where: 'arguments', page: 'docs/mcp.md' }), session, signal),
  };
}
