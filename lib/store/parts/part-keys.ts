/** Name of a part: its number, or `plan` for the division into parts. */
export type PartName = number | 'plan';

/** The keys of a work that functions share, in parts. Each work has a prefix of its own. */
export interface PartKeys {
  readonly prefix: string;
  /** How the work is divided. */
  readonly plan: string;
  readonly callsPrefix: string;
  /** The record of a part's calls. */
  readonly calls: (part: PartName) => string;
  readonly donePrefix: string;
  /** An object of the tree of completed parts. */
  readonly done: (level: number, number: number) => string;
}

/** Returns the keys of a work. @param prefix ends with "/" */
export function partKeys(prefix: string): PartKeys {
  return {
    prefix,
    plan: `${prefix}plan.json`,
    callsPrefix: `${prefix}calls/`,
    calls: (part) => `${prefix}calls/${part}.json`,
    donePrefix: `${prefix}done/`,
    done: (level, number) => `${prefix}done/${level}-${number}`,
  };
}
