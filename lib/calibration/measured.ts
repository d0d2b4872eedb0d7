import type { MachineRates } from '../contracts/machine-profile.ts';

export interface Measured<Names extends keyof MachineRates> {
  readonly rates: Pick<MachineRates, Names>;
  readonly spread: number;
}
