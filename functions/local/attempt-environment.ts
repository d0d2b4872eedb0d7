export interface AttemptFolders {
  /** The data folder. */
  readonly directory: string;
  /** The folder of the input cache. */
  readonly inputFolder?: string | undefined;
}

/**
 * The environment of attempts on this machine. It has no GRAFT_DATA_BUCKET, which a user sets for a command that writes to
 * the store of a deployment: an attempt that knows it looks for its job there.
 */
export function attemptEnvironment(
  environment: NodeJS.ProcessEnv,
  { directory, inputFolder }: AttemptFolders,
): NodeJS.ProcessEnv {
  const { GRAFT_DATA_BUCKET: _, ...others } = environment;
  return { ...others, GRAFT_DATA_DIR: directory, ...(inputFolder && { GRAFT_INPUT_CACHE: inputFolder }) };
}
