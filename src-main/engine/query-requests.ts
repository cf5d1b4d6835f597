import * as z from 'zod/mini';
import { MAX_QUESTIONS, MAX_SKEW_SEC } from '../contract/attribution';
import { CONTEXTS } from '../contract/entry-context';
import { EXPORT_FORMATS, MOST_PARTITION_FIELDS } from '../contract/export';
import type { Calls } from '../contract/ipc';
import { FIELD_SPELLINGS } from '../contract/log-entry';
import { PACKET_SIDES } from '../contract/packets';
import { packetsBehind } from './import-requests';
import { captureName, name, nothing, runId, snapshot, streams, type Requests } from './request-shapes';

const unlimited = {
  text: z.string().check(z.maxLength(1 << 20)),
  project: name,
  logstore: name,
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  zone: name,
  snapshot,
};
const searched = { ...unlimited, limits: z.optional(z.literal('console')) };
const queryRequest = z.strictObject({
  ...searched,
  limit: z.nullable(z.int().check(z.minimum(0))),
  offset: z.int().check(z.minimum(0)),
  reverse: z.boolean(),
  entryIds: z.optional(z.boolean()),
  entryEnds: z.optional(z.boolean()),
  entryTime: z.optional(z.boolean()),
  times: z.optional(z.enum(['local', 'instant'])),
  littleMemory: z.optional(z.boolean()),
});
const explainRequest = z.strictObject(searched);
const histogramRequest = z.strictObject({ ...searched, withScanned: z.optional(z.boolean()) });
const fieldRequest = z.strictObject({
  ...unlimited,
  field: z.string().check(z.minLength(1), z.maxLength(1024)),
});
const contextRequest = z.strictObject({
  project: name,
  logstore: name,
  snapshot,
  entry: z.strictObject({ run: runId, entryNo: z.int().check(z.minimum(0)) }),
  same: z.enum(CONTEXTS),
  back: z.int().check(z.minimum(0)),
  forward: z.int().check(z.minimum(0)),
  entryTime: z.optional(z.boolean()),
});
const natTableRequest = z.strictObject({
  project: name,
  logstore: name,
  at: z.string().check(z.maxLength(128)),
  zone: name,
  run: z.nullable(runId),
  host: z.nullable(z.string().check(z.maxLength(128))),
  nat: z.nullable(
    z.strictObject({
      address: z.string().check(z.maxLength(128)),
      port: z.nullable(z.int().check(z.minimum(0), z.maximum(0xffff))),
    }),
  ),
});
const address = z.string().check(z.maxLength(128));
const port = z.int().check(z.minimum(0), z.maximum(0xffff));
const skewSec = z.number().check(z.minimum(0), z.maximum(MAX_SKEW_SEC));
const attributionRequest = z.strictObject({
  project: name,
  logstore: name,
  zone: name,
  run: z.nullable(runId),
  questions: z
    .array(
      z.strictObject({
        address,
        port,
        protocol: z.nullable(z.int().check(z.minimum(0), z.maximum(0xff))),
        at: z.string().check(z.maxLength(128)),
        skewSec,
        destination: z.nullable(z.strictObject({ address, port: z.nullable(port) })),
      }),
    )
    .check(z.minLength(1), z.maxLength(MAX_QUESTIONS)),
});
/** Characters: more than ten thousand mails. */
const MAX_COMPLAINT_TEXT = 16 << 20;
const complaintsRequest = z.strictObject({
  project: name,
  logstore: name,
  zone: name,
  run: z.nullable(runId),
  text: z.string().check(z.maxLength(MAX_COMPLAINT_TEXT)),
  skewSec,
});
const compareSide = z.union([z.strictObject({ logstore: name }), z.strictObject({ file: captureName })]);
const compareRequest = z.strictObject({ project: name, sides: z.tuple([compareSide, compareSide]), streams });
const natEventsRequest = z.strictObject({
  project: name,
  logstore: name,
  from: z.nullable(z.string().check(z.maxLength(128))),
  to: z.nullable(z.string().check(z.maxLength(128))),
  zone: name,
  run: z.nullable(runId),
  host: z.nullable(z.string().check(z.maxLength(128))),
});
const windowsRequest = z.strictObject({ project: name, logstore: name, run: z.nullable(runId) });
const exportRequest = z.strictObject({
  query: queryRequest,
  format: z.enum(EXPORT_FORMATS),
  neutraliseFormulas: z.optional(z.boolean()),
  gzip: z.optional(z.boolean()),
  spelling: z.optional(z.enum(FIELD_SPELLINGS)),
  partitionBy: z.optional(z.array(name).check(z.minLength(1), z.maxLength(MOST_PARTITION_FIELDS))),
});
const exportSourcesRequest = z.strictObject({ project: name, logstore: name, snapshot });
const side = z.optional(z.enum(PACKET_SIDES));

const entryPackets = z.strictObject({ run: runId, entryNo: z.int().check(z.minimum(0)), side });
const queryPackets = z.strictObject({ query: z.strictObject(unlimited), side });
const ledgerPackets = z.strictObject({ run: runId, of: packetsBehind });

/** @returns the shape that packets are asked for with: a union of them would tell nothing about what is wrong */
export function packetsRequest(input: unknown): z.ZodMiniType<Calls['packets:write']['request']> {
  if (typeof input !== 'object' || input === null) return entryPackets;
  if ('query' in input) return queryPackets;
  return 'of' in input ? ledgerPackets : entryPackets;
}

/** The shapes of the requests about what is in Logstores, and of what is written of it. */
export const QUERY_REQUESTS = {
  'query:run': queryRequest,
  'query:explain': explainRequest,
  'histogram:run': histogramRequest,
  'field:read': fieldRequest,
  'context:read': contextRequest,
  'nat-table:read': natTableRequest,
  'attribution:read': attributionRequest,
  'attribution:complaints': complaintsRequest,
  'compare:run': compareRequest,
  'nat-events:read': natEventsRequest,
  'windows:read': windowsRequest,
  'export:run': exportRequest,
  'export:sources': exportSourcesRequest,
  'dialect:read': nothing,
} satisfies Requests;
