import { isAbsolute } from 'node:path';
import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { MAX_QUESTIONS, MAX_SKEW_SEC } from '../contract/attribution';
import { MOST_DELIVERY_EVENTS } from '../contract/delivery';
import { LONGEST_COST_WINDOW_SEC } from '../contract/cost';
import { CONTEXTS } from '../contract/entry-context';
import { AppError } from '../contract/errors';
import { EXPORT_FORMATS, MOST_PARTITION_FIELDS } from '../contract/export';
import { STANDARD_INPUT, TUNNEL_LAYERS, type ImportRequest } from '../contract/imports';
import type { CallName, Calls } from '../contract/ipc';
import { PACKET_SIDES } from '../contract/packets';
import type { GatewayChoice } from '../contract/import-preview';
import { CAPTURE_FACT, LEDGER_PARTS, MOST_LEDGER_PACKETS, type CaptureFact } from '../contract/ledger-packets';
import { FIELD_SPELLINGS } from '../contract/log-entry';
import { LOAD_FORMATS, MOST_HEAD_BYTES } from '../contract/logstore';
import { LEAST_REPLAY_SPEED, MOST_REPLAY_SPEED } from '../contract/replay';
import { LARGEST_SEC } from '../delivery/script-time';
import { LONGEST_TTL_DAYS } from '../logstore/retention';
import { MAX_NEW_SHARDS } from '../logstore/shards';
import { MAX_EIPS, MAX_INSIDE_NETWORKS } from '../nat/gateway';
import { GATEWAY_REQUESTS } from './gateway-requests';

// The small build of zod has no words of its own.
z.config(en());

const name = z.string().check(z.minLength(1), z.maxLength(128));
const absolutePath = z.string().check(z.refine(isAbsolute, 'must be an absolute path'));

const runId = z.uint32();

const captures = z.array(absolutePath).check(z.minLength(1), z.maxLength(100_000));

const captureName = z
  .string()
  .check(z.refine((path) => path === STANDARD_INPUT || isAbsolute(path), 'must be an absolute path'));

const streams = z.optional(
  z.array(z.strictObject({ capture: captureName, socketPath: absolutePath })).check(z.maxLength(100_000)),
);

const captureMoveRequest = z.strictObject({ path: absolutePath });

const jsonObject = z.record(z.string(), z.unknown());

const gatewayChoice = {
  gateway: z.optional(jsonObject),
  inside: z.array(z.string()).check(z.maxLength(MAX_INSIDE_NETWORKS)),
  eips: z.array(z.string()).check(z.maxLength(MAX_EIPS)),
  seed: z.int().check(z.minimum(0), z.maximum(0xffff_ffff)),
};
const oneGateway = z.refine<GatewayChoice>(
  ({ gateway, inside, eips, seed }) =>
    gateway === undefined || (inside.length === 0 && eips.length === 0 && seed === 0),
  'gateway has inside, eips and seed of its own: leave them empty and 0',
);
const replaySpeed = z.number().check(z.minimum(LEAST_REPLAY_SPEED), z.maximum(MOST_REPLAY_SPEED));
const aReplay = z.refine<Pick<ImportRequest, 'live' | 'speed' | 'playFrom'>>(
  ({ live, speed, playFrom }) =>
    (speed === undefined || live === true) && (playFrom === undefined || speed !== undefined),
  'speed is of a live import, and playFrom of one with a speed',
);
const importRequest = z
  .strictObject({
    captures: z.array(captureName).check(z.minLength(1), z.maxLength(100_000)),
    streams,
    maxExpansion: z.optional(z.int().check(z.minimum(1))),
    project: name,
    logstore: name,
    ...gatewayChoice,
    layer: z.enum(TUNNEL_LAYERS),
    createIndex: z.boolean(),
    again: z.boolean(),
    keepGoing: z.boolean(),
    delivery: z.optional(jsonObject),
    sessionLogs: z.optional(z.union([z.literal('enabled'), z.array(name).check(z.minLength(1), z.maxLength(1000))])),
    live: z.optional(z.boolean()),
    speed: z.optional(replaySpeed),
    playFrom: z.optional(
      z.strictObject({ base: z.enum(['epoch', 'start']), sec: z.int().check(z.minimum(0), z.maximum(LARGEST_SEC)) }),
    ),
  })
  .check(oneGateway, aReplay);
const previewImportRequest = z
  .strictObject({ captures, ...gatewayChoice, layer: z.enum(TUNNEL_LAYERS), sessionLog: z.optional(name) })
  .check(oneGateway);
const packetsBehind = z.union([
  z.enum(LEDGER_PARTS),
  z.strictObject({
    capture: z.int().check(z.minimum(0)),
    fact: z.custom<CaptureFact>((value) => typeof value === 'string' && CAPTURE_FACT.test(value)),
  }),
]);
const ledgerPacketsRequest = z.strictObject({
  run: runId,
  of: packetsBehind,
  offset: z.int().check(z.minimum(0)),
  limit: z.int().check(z.minimum(1), z.maximum(MOST_LEDGER_PACKETS)),
});

const costRequest = z.strictObject({
  run: runId,
  windowSecs: z.array(z.int().check(z.minimum(1), z.maximum(LONGEST_COST_WINDOW_SEC))).check(z.maxLength(20)),
});
const deliveryRequest = z.strictObject({ run: runId, script: z.nullable(jsonObject) });
const deliveryApplyRequest = z.strictObject({ run: runId, script: jsonObject });
const deliveryExportRequest = z.strictObject({ script: jsonObject });
const deliveryEventsRequest = z.strictObject({
  run: runId,
  script: z.nullable(jsonObject),
  onlyRemarkable: z.boolean(),
  first: z.int().check(z.minimum(0)),
  most: z.int().check(z.minimum(1), z.maximum(MOST_DELIVERY_EVENTS)),
});

const replayControlRequest = z.discriminatedUnion('action', [
  z.strictObject({ run: runId, action: z.enum(['pause', 'resume', 'stop']) }),
  z.strictObject({ run: runId, action: z.literal('speed'), speed: replaySpeed }),
]);

const uploadDiscardRequest = z.strictObject({ captures });
const captureInfoRequest = z.strictObject({ captures });

const snapshot = z.nullable(
  z.strictObject({
    maxRun: z.nullable(runId),
    startedMs: z.nullable(z.number()),
    // As many imports at once as nobody has.
    hidden: z.array(runId).check(z.maxLength(1000)),
    runs: z.uint32(),
  }),
);

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
const entryPacketsRequest = z.strictObject({ run: runId, entryNo: z.int().check(z.minimum(0)), side });
const queryPacketsRequest = z.strictObject({ query: z.strictObject(unlimited), side });
const ledgerPacketsId = z.strictObject({ run: runId, of: packetsBehind });
const nothing = z.strictObject({});
const runRequest = z.strictObject({ run: runId });

const projectName = z.strictObject({ project: name });
const logstoreName = z.strictObject({ project: name, logstore: name });
const description = z.string().check(z.maxLength(1000));
const ttlDays = z.nullable(z.int().check(z.minimum(1), z.maximum(LONGEST_TTL_DAYS)));
const shard = z.int().check(z.minimum(0), z.maximum(0xffff));
const json = z.record(z.string(), z.unknown());

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
const indexPreviewRequest = z.strictObject({ project: name, logstore: name, config: z.nullable(json) });
const indexWriteRequest = z.strictObject({ project: name, logstore: name, config: json });

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
  schema: z.union([z.literal('session_log'), z.literal('auto'), json]),
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

/** A refusal repeats what was sent, which may be megabytes. */
const MAX_REFUSAL_TEXT = 2000;

/** What comes over the wire is checked here, before anything uses it. */
export const requestParsers: { readonly [K in CallName]: (input: unknown) => Calls[K]['request'] } = {
  'delivery:read': (input) => parse(deliveryRequest, input),
  'delivery:events': (input) => parse(deliveryEventsRequest, input),
  'delivery:apply': (input) => parse(deliveryApplyRequest, input),
  'cost:read': (input) => parse(costRequest, input),
  'delivery:export': (input) => parse(deliveryExportRequest, input),
  'delivery:presets': (input) => parse(nothing, input),
  'import:run': (input) => parse(importRequest, input),
  'replay:control': (input) => parse(replayControlRequest, input),
  'replay:list': (input) => parse(nothing, input),
  'import:preview': (input) => parse(previewImportRequest, input),
  'import:remedies': (input) => parse(runRequest, input),
  'import:packets': (input) => parse(ledgerPacketsRequest, input),
  'upload:discard': (input) => parse(uploadDiscardRequest, input),
  'query:run': (input) => parse(queryRequest, input),
  'query:explain': (input) => parse(explainRequest, input),
  'histogram:run': (input) => parse(histogramRequest, input),
  'field:read': (input) => parse(fieldRequest, input),
  'context:read': (input) => parse(contextRequest, input),
  'nat-table:read': (input) => parse(natTableRequest, input),
  'attribution:read': (input) => parse(attributionRequest, input),
  'attribution:complaints': (input) => parse(complaintsRequest, input),
  'compare:run': (input) => parse(compareRequest, input),
  'nat-events:read': (input) => parse(natEventsRequest, input),
  'windows:read': (input) => parse(windowsRequest, input),
  'export:run': (input) => parse(exportRequest, input),
  'export:sources': (input) => parse(exportSourcesRequest, input),
  // Not a union of them, which tells nothing about what is wrong.
  'packets:write': (input) => {
    if (typeof input !== 'object' || input === null) return parse(entryPacketsRequest, input);
    if ('query' in input) return parse(queryPacketsRequest, input);
    return 'of' in input ? parse(ledgerPacketsId, input) : parse(entryPacketsRequest, input);
  },
  'capture:move': (input) => parse(captureMoveRequest, input),
  'capture:info': (input) => parse(captureInfoRequest, input),
  'dialect:read': (input) => parse(nothing, input),
  'workspace:read': (input) => parse(nothing, input),
  'import:read': (input) => parse(runRequest, input),
  'import:hosts': (input) => parse(runRequest, input),
  'digest:run': (input) => parse(runRequest, input),
  'project:list': (input) => parse(nothing, input),
  'project:read': (input) => parse(projectName, input),
  'project:create': (input) => parse(projectCreateRequest, input),
  'project:update': (input) => parse(projectUpdateRequest, input),
  'project:delete': (input) => parse(projectName, input),
  'logstore:list': (input) => parse(logstoreListRequest, input),
  'logstore:read': (input) => parse(logstoreName, input),
  'logstore:create': (input) => parse(logstoreCreateRequest, input),
  'logstore:update': (input) => parse(logstoreUpdateRequest, input),
  'logstore:delete': (input) => parse(logstoreName, input),
  'shard:list': (input) => parse(logstoreName, input),
  'shard:split': (input) => parse(shardSplitRequest, input),
  'shard:merge': (input) => parse(shardMergeRequest, input),
  'index:read': (input) => parse(logstoreName, input),
  'index:write': (input) => parse(indexWriteRequest, input),
  'index:preview': (input) => parse(indexPreviewRequest, input),
  'index:export': (input) => parse(logstoreName, input),
  'index:recommend': (input) => parse(logstoreName, input),
  'index:delete': (input) => parse(logstoreName, input),
  'index:rebuild': (input) => parse(logstoreName, input),
  'saved-search:list': (input) => parse(logstoreName, input),
  'saved-search:read': (input) => parse(savedSearchName, input),
  'saved-search:write': (input) => parse(savedSearchWriteRequest, input),
  'saved-search:rename': (input) => parse(savedSearchRenameRequest, input),
  'saved-search:delete': (input) => parse(savedSearchName, input),
  'file:recognise': (input) => parse(recogniseRequest, input),
  'load:preview': (input) => parse(previewRequest, input),
  'load:run': (input) => parse(loadRequest, input),
  'load:bad-lines': (input) => parse(badLinesRequest, input),
  'region:list': (input) => parse(GATEWAY_REQUESTS['region:list'], input),
  'vpc:list': (input) => parse(GATEWAY_REQUESTS['vpc:list'], input),
  'vpc:create': (input) => parse(GATEWAY_REQUESTS['vpc:create'], input),
  'vpc:delete': (input) => parse(GATEWAY_REQUESTS['vpc:delete'], input),
  'vswitch:create': (input) => parse(GATEWAY_REQUESTS['vswitch:create'], input),
  'vswitch:delete': (input) => parse(GATEWAY_REQUESTS['vswitch:delete'], input),
  'gateway:list': (input) => parse(GATEWAY_REQUESTS['gateway:list'], input),
  'gateway:read': (input) => parse(GATEWAY_REQUESTS['gateway:read'], input),
  'gateway:create': (input) => parse(GATEWAY_REQUESTS['gateway:create'], input),
  'gateway:update': (input) => parse(GATEWAY_REQUESTS['gateway:update'], input),
  'gateway:delete': (input) => parse(GATEWAY_REQUESTS['gateway:delete'], input),
  'eip:add': (input) => parse(GATEWAY_REQUESTS['eip:add'], input),
  'eip:remove': (input) => parse(GATEWAY_REQUESTS['eip:remove'], input),
  'snat:create': (input) => parse(GATEWAY_REQUESTS['snat:create'], input),
  'snat:delete': (input) => parse(GATEWAY_REQUESTS['snat:delete'], input),
  'account:read': (input) => parse(GATEWAY_REQUESTS['account:read'], input),
  'account:update': (input) => parse(GATEWAY_REQUESTS['account:update'], input),
  'session-log:list': (input) => parse(GATEWAY_REQUESTS['session-log:list'], input),
  'session-log:read': (input) => parse(GATEWAY_REQUESTS['session-log:read'], input),
  'session-log:enable': (input) => parse(GATEWAY_REQUESTS['session-log:enable'], input),
  'session-log:change': (input) => parse(GATEWAY_REQUESTS['session-log:change'], input),
  'session-log:stop': (input) => parse(GATEWAY_REQUESTS['session-log:stop'], input),
};

/** @throws AppError REQUEST_INVALID that names the field and the rule */
function parse<T>(schema: z.ZodMiniType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new AppError(
    'REQUEST_INVALID',
    `The request is malformed: ${z.prettifyError(result.error).slice(0, MAX_REFUSAL_TEXT)}`,
  );
}
