import { html } from '../reports/html.ts';
import { dataBlock } from './data-block.ts';
import type { ExportedFile, ExportedModel } from './exported-model.ts';
import { noticeFiles } from './notice.ts';
import { page } from './page.ts';
import { readPageAsset } from './page-assets.ts';
import { templateFile } from './template-file.ts';

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src blob:; " +
  "base-uri 'none'; form-action 'none'";

/** Exports a page with its files for any file server; it requests nothing from elsewhere. */
export async function exportWebFolder(model: ExportedModel): Promise<ExportedFile[]> {
  const markup = page(model, {
    policy: POLICY,
    head: html`<link rel="stylesheet" href="style.css">`,
    end: html`${dataBlock(model.card)}
<script type="module" src="page.js"></script>`,
  });
  return [
    { name: 'index.html', content: markup },
    await templateFile('page/style.css', 'style.css'),
    { name: 'page.js', content: await readPageAsset('folder-page.js') },
    { name: 'onnxruntime.wasm', content: await readPageAsset('onnxruntime.wasm') },
    { name: 'model.onnx', content: model.onnx },
    ...(await noticeFiles(model, { runtime: true })),
  ];
}
