import type { ExportedFile, ExportedModel } from './exported-model.ts';
import { noticeFiles } from './notice.ts';
import { jsonFile, templateFile } from './template-file.ts';

/** What a format with layers adds to the files that all of them have. */
export interface LayersFormat {
  /** The model in this format. */
  readonly files: readonly ExportedFile[];
  /** The template of the example, and the name of its file. */
  readonly template: string;
  readonly example: string;
  readonly readme: (model: ExportedModel, example: string) => string;
}

/** The files of an export with layers: the model, labels, card, example, README and notices. */
export async function layersFolder(
  model: ExportedModel,
  { files, template, example: name, readme }: LayersFormat,
): Promise<ExportedFile[]> {
  const example = await templateFile(template, name);
  return [
    ...files,
    jsonFile('labels.json', model.card.labels),
    { name: 'card.json', content: model.cardJson },
    example,
    { name: 'README.md', content: readme(model, example.content) },
    ...(await noticeFiles(model)),
  ];
}
