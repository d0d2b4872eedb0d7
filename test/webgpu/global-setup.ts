import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where packages of Chromium put SwiftShader, a Vulkan device that computes on the CPU, with a Vulkan loader. */
const FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];

/**
 * Lets the processes of the tests use SwiftShader, unless the environment names a Vulkan device. The loader of shared
 * libraries reads its path when a process starts.
 */
export function setup(): void {
  const folder = FOLDERS.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')));
  const { env } = process;
  if (folder === undefined || env.VK_ICD_FILENAMES !== undefined || env.VK_DRIVER_FILES !== undefined) return;
  env.VK_ICD_FILENAMES = join(folder, 'vk_swiftshader_icd.json');
  env.LD_LIBRARY_PATH = [env.LD_LIBRARY_PATH, folder].filter(Boolean).join(delimiter);
  env.XDG_RUNTIME_DIR ??= tmpdir();
}
