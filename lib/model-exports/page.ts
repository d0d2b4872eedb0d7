import { type Html, html } from '../reports/html.ts';
import { describeBackbone } from './describe-backbone.ts';
import type { ExportedModel } from './exported-model.ts';
import { notice } from './notice.ts';

/** What differs between a page with files beside it and one that contains them. */
interface PageParts {
  /** Content-Security-Policy. */
  readonly policy: string;
  readonly head: Html;
  readonly end: Html;
}

/** Writes the page that predicts images: choose, drop, paste or photograph. */
export function page(model: ExportedModel, { policy, head, end }: PageParts): string {
  const { name, version, card, backbone, precision } = model;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
${head}
</head>
<body>
<main>
<h1>${name}</h1>
<p>This page classifies images on your device, and sends them nowhere.</p>
<div id="drop">
<p><label>Choose, drop or paste an image: <input type="file" id="file" accept="image/*"></label></p>
<p><button type="button" id="camera">Use the camera</button> <button type="button" id="capture" hidden>Take a picture</button></p>
</div>
<video id="video" muted playsinline hidden></video>
<img id="image" alt="The image to classify" hidden>
<p id="status" role="status">Loading the model…</p>
<ol id="labels" aria-label="Most probable labels"></ol>
</main>
<footer>Model ${name}@${version}, ${card.labels.length} labels${precision ? `, in ${precision.precision}` : ''}, on ${describeBackbone(backbone)} (${backbone.licence}).
<details><summary>Licences</summary><pre>${notice(model, { runtime: true })}</pre></details></footer>
<noscript>This page needs JavaScript.</noscript>
${end}
</body>
</html>
`.markup;
}
