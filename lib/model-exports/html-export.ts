import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { DataError } from '../errors.ts';
import { Html } from '../reports/html.ts';
import { dataBlock } from './data-block.ts';
import type { ExportedFile, ExportedModel } from './exported-model.ts';
import { noticeFiles } from './notice.ts';
import { page } from './page.ts';
import { readPageAsset } from './page-assets.ts';
import { templateFile } from './template-file.ts';

/** Bytes of a model in a single page. A browser holds the page as text and decodes it in memory. */
const MOST_BYTES = 128 * 2 ** 20;

/**
 * Exports one page that contains model and runtime, and opens without a server.
 * @throws DataError EXPORT_TOO_LARGE
 */
export async function exportSinglePage(model: ExportedModel): Promise<ExportedFile[]> {
  if (model.onnx.length > MOST_BYTES) {
    throw new DataError('EXPORT_TOO_LARGE', {
      at: `${model.name}@${model.version}`,
      expected: `a model of at most ${MOST_BYTES} bytes`,
      received: model.onnx.length,
      fix: 'export it as a folder: --to web',
    });
  }
  const style = (await templateFile('page/style.css')).content;
  const script = new TextDecoder().decode(await readPageAsset('single-page.js'));
  const [packedModel, packedRuntime] = await Promise.all([pack(model.onnx), pack(await readPageAsset('onnxruntime.wasm'))]);
  const policy =
    `default-src 'none'; script-src '${hashOf(script)}' 'wasm-unsafe-eval'; style-src '${hashOf(style)}'; img-src blob:; ` +
    "base-uri 'none'; form-action 'none'";
  const markup = page(model, {
    policy,
    head: new Html(`<style>${style}</style>`),
    end: new Html(
      [
        dataBlock(model.card).markup,
        `<script type="text/plain" id="model">${packedModel}</script>`,
        `<script type="text/plain" id="wasm">${packedRuntime}</script>`,
        `<script type="module">${script}</script>`,
      ].join('\n'),
    ),
  });
  return [{ name: 'index.html', content: markup }, ...(await noticeFiles(model, { runtime: true }))];
}

const compress = promisify(gzip);

async function pack(bytes: Uint8Array): Promise<string> {
  return (await compress(bytes, { level: 9 })).toString('base64');
}

/** The source of a Content-Security-Policy that allows exactly this text. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
