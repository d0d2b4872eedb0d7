import { escapeHtml } from '../../lib/escape-html.ts';
import type { OpenapiDocument } from './openapi.ts';

/**
 * A page that shows the API's OpenAPI document with Swagger UI; it loads its script and style from the API itself and
 * nothing else.
 */
export function docsPage({ info }: OpenapiDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)} ${escapeHtml(info.version)}: API reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<noscript><p>This page needs JavaScript. The same document for programs: <a href="openapi.json">openapi.json</a>.</p></noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;
}

/** Starts Swagger UI. A file of its own, since the page's Content-Security-Policy allows no inline script. */
export const START_SCRIPT = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  // The online validator would send the document to a third party.
  validatorUrl: null,
});
`;
