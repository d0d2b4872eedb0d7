import { PUBLISHED_WEIGHTS } from '../backbones/default-weights.ts';
import { imagenetBackbone } from '../contracts/reference.ts';
import { describeBackbone } from './describe-backbone.ts';
import type { ExportedFile, ExportedModel } from './exported-model.ts';
import { SPDX_LICENCES } from './spdx-licences.ts';
import { templateFile } from './template-file.ts';

/**
 * Writes what an export says about rights: NOTICE, and the text of the Apache License, which covers Graft's own files.
 * @param runtime whether the export contains ONNX Runtime
 */
export async function noticeFiles(model: ExportedModel, { runtime = false } = {}): Promise<ExportedFile[]> {
  return [
    { name: 'NOTICE', content: notice(model, { runtime }) },
    await templateFile('LICENSE-Apache-2.0.txt', 'LICENSE-Apache-2.0'),
  ];
}

/** Writes the text of NOTICE. */
export function notice({ name, version, backbone }: ExportedModel, { runtime }: { readonly runtime: boolean }): string {
  return `${name}@${version}
${imagenetBackbone(name) === undefined ? TRAINED : ''}
Backbone
${aboutBackbone(backbone)}

Code of Graft in this export
  Apache License 2.0; see LICENSE-Apache-2.0.
${runtime ? `\n${ONNX_RUNTIME}` : ''}`;
}

const TRAINED = `
Trained weights
  The weights that were trained on your images are your own. Graft claims no rights in them.
`;

function aboutBackbone(backbone: ExportedModel['backbone']): string {
  const { name, licence, weights } = backbone;
  if (weights === 'none') return `  ${name}, which was trained from random weights. The model contains no pretrained weights.`;
  return `  The model contains weights of ${sourceOf(backbone)}, unchanged or fine-tuned.
  Licence of these weights: ${licence}${name.startsWith('efficientnet_lite') ? LITE_COPYRIGHT : ''}
  ${adviceOn(licence)}${weights === undefined || PUBLISHED_WEIGHTS.includes(weights) ? '' : IMPORTED}`;
}

const IMPORTED = `
  You imported them from a file of your own. If they are not the published ones, their own licence applies instead.`;

function sourceOf(backbone: ExportedModel['backbone']): string {
  const { isOwn = false, version } = backbone;
  const described = describeBackbone(backbone);
  if (!isOwn) return `the pretrained network ${described}`;
  if (version === undefined) return described;
  return described === version ? `the model ${version}` : `the pretrained network ${described}, by way of the model ${version}`;
}

/** The publisher of these weights names it, as Graft's own NOTICE does. */
const LITE_COPYRIGHT = '\n  Copyright (c) 2020 ML Illustrated';

function adviceOn(licence: string): string {
  const known = SPDX_LICENCES.find((id) => id.toLowerCase() === licence.toLowerCase());
  if (known === undefined) return 'Ask their publisher before you pass the model on.';
  const notice = /^(?:MIT|BSD|ISC)/.test(known) ? COPYRIGHT_NOTICE : '';
  return `Its text: https://spdx.org/licenses/${known}.html${notice}`;
}

/** Publishers write their copyright notice into the text of these licences. */
const COPYRIGHT_NOTICE = `
  It has to go with copies of the model, with the copyright notice of the publisher of the weights.`;

const ONNX_RUNTIME = `ONNX Runtime Web
  Copyright (c) Microsoft Corporation. MIT License:

  Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
  documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
  rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
  persons to whom the Software is furnished to do so, subject to the following conditions:

  The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
  Software.

  THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
  WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
  COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
  OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
