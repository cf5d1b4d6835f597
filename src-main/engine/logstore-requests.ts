import * as z from 'zod/mini';
import { LOAD_FORMATS, MOST_HEAD_BYTES } from '../contract/logstore';
import { LONGEST_TTL_DAYS } from '../logstore/retention';
import { MAX_NEW_SHARDS } from '../logstore/shards';
import {
  absolutePath,
  captureName,
  jsonObject,
  logstore,
  name,
  nothing,
  runId,
  streams,
  type Requests,
} from './request-shapes';

const projectName = z.strictObject({ project: name });
const description = z.string().check(z.maxLength(1000));
const ttlDays = z.nullable(z.int().check(z.minimum(1), z.maximum(LONGEST_TTL_DAYS)));
const shard = z.int().check(z.minimum(0), z.maximum(0xffff));
const projectCreateRequest = z.strictObject({ project: name, region: name, description });
const projectUpdateRequest = z.strictObject({ project: name, description });
const logstoreListRequest = z.strictObject({ project: z.nullable(name) });
const logstoreCreateRequest = z.strictObject({
  project: name,
  logstore: name,
  schema: z.enum(['session_log', 'custom']),
  ttlDays,
  shards: z.int().check(z.minimum(1), z.maximum(MAX_NEW_SHARDS)),
});
const logstoreUpdateRequest = z.strictObject({
  project: name,
  logstore: name,
  ttlDays,
  isTrial: z.optional(z.boolean()),
});
const shardSplitRequest = z.strictObject({ project: name, logstore: name, shard, key: z.nullable(name) });
const shardMergeRequest = z.strictObject({ project: name, logstore: name, shard });
const indexPreviewRequest = z.strictObject({ project: name, logstore: name, config: z.nullable(jsonObject) });
const indexWriteRequest = z.strictObject({ project: name, logstore: name, config: jsonObject });
/** Names are checked by what they name; so much is bound to be none. */
const savedName = z.string().check(z.maxLength(1000));
const longestTime = z.string().check(z.maxLength(128));
const savedSearchName = z.strictObject({ project: name, logstore: name, name: savedName });
const savedSearchWriteRequest = z.strictObject({
  project: name,
  logstore: name,
  savedSearch: z.strictObject({
    name: savedName,
    query: z.string().check(z.maxLength(1 << 20)),
    range: z.nullable(z.strictObject({ from: z.nullable(longestTime), to: z.nullable(longestTime) })),
    variables: z.record(z.string(), z.string().check(z.maxLength(1 << 16))),
  }),
  replace: z.boolean(),
  knownMs: z.nullable(z.number()),
});
const savedSearchRenameRequest = z.strictObject({ project: name, logstore: name, name: savedName, newName: savedName });
const loadRequest = z.strictObject({
  files: z.array(captureName).check(z.minLength(1), z.maxLength(10_000)),
  streams,
  project: name,
  logstore: z.nullable(name),
  schema: z.union([z.literal('session_log'), z.literal('auto'), jsonObject]),
  format: z.enum([...LOAD_FORMATS, 'auto']),
  hashKey: z.nullable(z.string().check(z.minLength(1), z.maxLength(128))),
  createIndex: z.boolean(),
  again: z.boolean(),
  dryRun: z.boolean(),
  maxExpansion: z.optional(z.int().check(z.minimum(1))),
});
const recogniseRequest = z.strictObject({
  files: z
    .array(
      z.union([
        z.strictObject({ path: captureName }),
        z.strictObject({ head: z.string().check(z.maxLength(Math.ceil(MOST_HEAD_BYTES / 3) * 4)) }),
      ]),
    )
    .check(z.maxLength(100_000)),
});
const previewRequest = z.strictObject({
  files: z.array(absolutePath).check(z.minLength(1), z.maxLength(10_000)),
  format: z.optional(z.enum(['auto', ...LOAD_FORMATS])),
  maxExpansion: z.optional(z.int().check(z.minimum(1))),
});
const badLinesRequest = z.strictObject({
  run: runId,
  offset: z.int().check(z.minimum(0)),
  limit: z.int().check(z.minimum(1), z.maximum(1000)),
});

/** The shapes of the requests about projects, Logstores, indexes and saved searches, and what is loaded. */
export const LOGSTORE_REQUESTS = {
  'project:list': nothing,
  'project:read': projectName,
  'project:create': projectCreateRequest,
  'project:update': projectUpdateRequest,
  'project:delete': projectName,
  'logstore:list': logstoreListRequest,
  'logstore:read': logstore,
  'logstore:create': logstoreCreateRequest,
  'logstore:update': logstoreUpdateRequest,
  'logstore:delete': logstore,
  'shard:list': logstore,
  'shard:split': shardSplitRequest,
  'shard:merge': shardMergeRequest,
  'index:read': logstore,
  'index:write': indexWriteRequest,
  'index:preview': indexPreviewRequest,
  'index:export': logstore,
  'index:recommend': logstore,
  'index:delete': logstore,
  'index:rebuild': logstore,
  'saved-search:list': logstore,
  'saved-search:read': savedSearchName,
  'saved-search:write': savedSearchWriteRequest,
  'saved-search:rename': savedSearchRenameRequest,
  'saved-search:delete': savedSearchName,
  'file:recognise': recogniseRequest,
  'load:preview': previewRequest,
  'load:run': loadRequest,
  'load:bad-lines': badLinesRequest,
} satisfies Requests;
