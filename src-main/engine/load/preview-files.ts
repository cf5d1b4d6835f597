import { stat } from 'node:fs/promises';
import { DEFAULT_MAX_EXPANSION } from '../../contract/imports';
import type { LoadPreview, LoadPreviewRequest } from '../../contract/logstore';
import type { GivenSchema } from '../../logstore/read-schema';
import { EntryReader } from './entry-reader';
import { proposedLogstore } from './load-target';
import { FilesSurvey } from './survey-files';

/** Enough to tell types by, and read in a moment. */
const SAMPLED_ENTRIES = 10_000;

const NOTHING_GIVEN: GivenSchema = { time: null, fields: new Map() };

/**
 * What the beginnings of files show; a load looks at all of their entries, and may find other types.
 *
 * @throws AppError CAPTURE_NOT_FOUND and its like, LOAD_UNREADABLE, CAPTURE_EXPANSION_LIMIT
 */
export async function previewFiles(
  { files: paths, format: given = 'auto', maxExpansion = DEFAULT_MAX_EXPANSION }: LoadPreviewRequest,
  signal: AbortSignal,
): Promise<LoadPreview> {
  const survey = new FilesSurvey();
  const files: LoadPreview['files'][number][] = [];
  for (const path of paths) {
    signal.throwIfAborted();
    const reader = await EntryReader.open({ name: path, path }, given, maxExpansion, survey.names);
    try {
      const before = survey.entries;
      const isWhole = await survey.sample(reader, before + SAMPLED_ENTRIES);
      const { format, packing: compression } = reader;
      const entries = survey.entries - before;
      files.push({ path, format, compression, storedBytes: (await stat(path)).size, entries, isWhole });
    } finally {
      await reader.close();
    }
  }
  const [first = ''] = paths;
  const schema = survey.isSessionLog ? 'session_log' : 'custom';
  return {
    files,
    schema,
    spelling: survey.spelling,
    logstores: {
      session_log: proposedLogstore('session_log', first),
      custom: proposedLogstore('custom', first),
    },
    timeField: schema === 'session_log' ? (survey.has('__time__') ? '__time__' : 'start_time') : survey.timeField,
    fields: survey.proposal('custom', NOTHING_GIVEN).map(({ name, type, entries }) => ({ name, type, entries })),
    hasEntryTime: survey.has('__time__'),
    entries: survey.entries,
    badLines: survey.faults,
    firstBadLines: survey.firstFaults,
  };
}
