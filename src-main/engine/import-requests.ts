import * as z from 'zod/mini';
import { LONGEST_COST_WINDOW_SEC } from '../contract/cost';
import { MOST_DELIVERY_EVENTS } from '../contract/delivery';
import type { GatewayChoice } from '../contract/import-preview';
import { TUNNEL_LAYERS, type ImportRequest } from '../contract/imports';
import { CAPTURE_FACT, LEDGER_PARTS, MOST_LEDGER_PACKETS, type CaptureFact } from '../contract/ledger-packets';
import { LEAST_REPLAY_SPEED, MOST_REPLAY_SPEED } from '../contract/replay';
import { LARGEST_SEC } from '../nat/configuration';
import { MAX_EIPS, MAX_INSIDE_NETWORKS } from '../nat/gateway';
import {
  absolutePath,
  captureName,
  captures,
  jsonObject,
  name,
  nothing,
  run,
  runId,
  streams,
  type Requests,
} from './request-shapes';

const onePath = z.strictObject({ path: absolutePath });
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
/** What packets are asked for by, that are behind a number. */
export const packetsBehind = z.union([
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

/** The shapes of the requests about captures, their imports and deliveries. */
export const IMPORT_REQUESTS = {
  'delivery:read': deliveryRequest,
  'delivery:events': deliveryEventsRequest,
  'delivery:apply': deliveryApplyRequest,
  'cost:read': costRequest,
  'delivery:export': deliveryExportRequest,
  'delivery:presets': nothing,
  'import:run': importRequest,
  'replay:control': replayControlRequest,
  'replay:list': nothing,
  'import:preview': previewImportRequest,
  'import:remedies': run,
  'import:packets': ledgerPacketsRequest,
  'upload:discard': uploadDiscardRequest,
  'capture:move': onePath,
  'capture:info': captureInfoRequest,
  'capture:read': onePath,
  'workspace:read': nothing,
  'import:read': run,
  'import:hosts': run,
  'digest:run': run,
} satisfies Requests;
