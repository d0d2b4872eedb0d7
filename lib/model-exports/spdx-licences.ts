/**
 * SPDX identifiers of licences in use for weights of networks (https://spdx.org/licenses). A user writes the licence of
 * an imported encoder in any words, so that a word alone is no identifier.
 */
export const SPDX_LICENCES = [
  ...['0BSD', 'AFL-3.0', 'AGPL-3.0-only', 'AGPL-3.0-or-later', 'Apache-2.0', 'Artistic-2.0', 'BSD-2-Clause', 'BSD-3-Clause'],
  ...['BSD-3-Clause-Clear', 'BSL-1.0', 'CC0-1.0', 'CC-BY-3.0', 'CC-BY-4.0', 'CC-BY-NC-4.0', 'CC-BY-NC-ND-4.0', 'CC-BY-NC-SA-4.0'],
  ...['CC-BY-ND-4.0', 'CC-BY-SA-3.0', 'CC-BY-SA-4.0', 'CDLA-Permissive-2.0', 'ECL-2.0', 'EPL-2.0', 'EUPL-1.2', 'GPL-2.0-only'],
  ...['GPL-2.0-or-later', 'GPL-3.0-only', 'GPL-3.0-or-later', 'ISC', 'LGPL-2.1-only', 'LGPL-2.1-or-later', 'LGPL-3.0-only'],
  ...['LGPL-3.0-or-later', 'MIT', 'MIT-0', 'MPL-2.0', 'MS-PL', 'NCSA', 'OFL-1.1', 'PDDL-1.0', 'PostgreSQL', 'Unlicense', 'Zlib'],
] as const;
