import { z } from 'zod';
import { UploadFile } from '../../contracts/dataset.ts';
import type { ObjectStore } from '../../ports.ts';
import { readDocument } from '../../store/documents.ts';
import { CheckWork, type FoundChecks } from '../checks/check-content.ts';
import { ImageCheck } from '../checks/image-checks.ts';
import { type ImportPlan, importOf } from './import-documents.ts';

/** Contents whose checks are stored together. A function that dies loses one segment. */
export const SEGMENT_CONTENTS = 256;

/** The checks of a segment, in the order of the list. */
export const segmentDocument = {
  schema: z.array(UploadFile.pick({ sha256: true, size: true }).extend({ check: ImageCheck, work: CheckWork })),
  key: (key: string): string => key,
};

/** Opens the checks of an upload. Whoever reads them in their order reads each segment once. */
export function openFoundChecks(upload: string, { contentsOfPart }: ImportPlan, store: ObjectStore): FoundChecks {
  const { checks } = importOf(upload);
  const segments = new Map<string, Promise<z.infer<typeof segmentDocument.schema> | undefined>>();
  return {
    async find({ sha256, size }, index) {
      const [part, inPart] = [Math.floor(index / contentsOfPart), index % contentsOfPart];
      const key = checks(part, Math.floor(inPart / SEGMENT_CONTENTS));
      const segment = segments.get(key) ?? readDocument(store, segmentDocument, key);
      segments.set(key, segment);
      const [oldest = key] = segments.keys();
      if (segments.size > 2) segments.delete(oldest);
      const found = (await segment)?.[inPart % SEGMENT_CONTENTS];
      // A part of the listing that arrived after the division moves the contents behind its own.
      if (found?.sha256 !== sha256 || found.size !== size) return undefined;
      // What may have another result next time: bytes that had not arrived, or an image that took one machine too long.
      return found.work === 'none' ? undefined : { check: found.check, work: found.work };
    },
  };
}
