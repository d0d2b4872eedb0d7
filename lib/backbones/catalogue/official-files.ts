import type { OfficialFile } from './backbone-row.ts';

/** File names and hashes of one network's weights. */
export interface OfficialNames {
  readonly top: { readonly name: string; readonly hash?: string };
  readonly noTop: { readonly name: string; readonly hash?: string };
}

/** The two files that keras.applications fetches for a network, with and without its top, from one folder. */
export function officialFiles(folder: string, { top, noTop }: OfficialNames, inputSize?: number): OfficialFile[] {
  return [
    { ...noTop, top: false, url: `${folder}${noTop.name}`, ...(inputSize !== undefined && { inputSize }) },
    { ...top, top: true, url: `${folder}${top.name}`, ...(inputSize !== undefined && { inputSize }) },
  ];
}
