/** The formats of `graft export`, in the order of the help. Loads no exporter. */
export const exportFormats = ['onnx', 'npm', 'web', 'html', 'tfjs', 'keras'] as const;
export type ExportFormat = (typeof exportFormats)[number];
