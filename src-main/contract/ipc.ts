import type { CompareReport, CompareRequest } from './compare';
import type { AttributionReport, AttributionRequest, ComplaintsReport, ComplaintsRequest } from './attribution';
import type { Compression, ImportedDetails, InterfaceDescription, TranslatedHosts } from './capture-details';
import type { ErrorCode, ErrorShape, Outcome } from './errors';
import { DELIVERY_CALLS, type DeliveryCalls, type DeliveryTotals, type ScriptTime } from './delivery';
import type { DialectReport } from './dialect';
import type { ContextReport, ContextRequest } from './entry-context';
import type { ExportProgress, ExportReport, ExportRequest, ExportSources, ExportSourcesRequest } from './export';
import type { FieldStatistics, FieldStatisticsRequest } from './field-statistics';
import { GATEWAY_CALLS, type GatewayCalls } from './gateways';
import type { ImportPreview, ImportPreviewRequest, RemedyReport } from './import-preview';
import type { IndexPreview } from './index-config';
import type { Ledger } from './ledger';
import type { LedgerPackets, LedgerPacketsRequest, LedgerPart } from './ledger-packets';
import type { EntryId, FieldType } from './log-entry';
import type {
  BadLine,
  DeletedEntries,
  FileKind,
  IndexReport,
  LoadPreview,
  LoadProgress,
  LoadReport,
  LoadRequest,
  LogstoreName,
  LogstoreReport,
  ProjectFacts,
  RecognisedFile,
  ShardFacts,
} from './logstore';
import type { NatEventsReport, NatEventsRequest } from './nat-events';
import type { NatTableReport, NatTableRequest } from './nat-table';
import { REPLAY_CALLS, type ReplayCalls, type ReplayFacts } from './replay';
import type { Notice, ResultBatch } from './result-batch';
import type { SavedSearch, SavedSearchName, SavedSearchReport } from './saved-search';

/**
 * Everything that crosses to the engine, one line per call. Nothing is inferred from the implementation: a handler
 * or a request parser that is missing for one of these does not compile.
 */
export interface Calls extends GatewayCalls, DeliveryCalls, ReplayCalls {
  'import:run': { request: ImportRequest; reply: ImportReport };
  /** What a gateway would do with captures, from their first packets. It writes nothing. */
  'import:preview': { request: ImportPreviewRequest; reply: ImportPreview };
  /** What would have helped a committed run that translated nothing. */
  'import:remedies': { request: { readonly run: number }; reply: RemedyReport };
  /**
   * Captures that were sent to the host, and will not be imported after all: their copies go, unless a run names them
   * or an import reads them. Copies that `import:run` did not come to name go by themselves.
   */
  'upload:discard': { request: { readonly captures: readonly string[] }; reply: null };
  /** Streams its rows as batches before the reply. */
  'query:run': { request: QueryRequest; reply: QueryReport };
  /** What becomes of a query, without running it. */
  'query:explain': { request: ExplainRequest; reply: ExplainReport };
  /** Entries of the search part by time; the statement behind a `|` is left out. */
  'histogram:run': { request: HistogramRequest; reply: HistogramReport };
  /** What one field holds in the entries that the search part finds. */
  'field:read': { request: FieldStatisticsRequest; reply: FieldStatistics };
  /** What can be called in a statement, for whoever helps to write one. */
  'dialect:read': { request: Record<string, never>; reply: DialectReport };
  /** The entries around one, oldest first; streams them as batches before the reply. */
  'context:read': { request: ContextRequest; reply: ContextReport };
  /** Live sessions and used ports at an instant; streams both, see `NatTablePart`. */
  'nat-table:read': { request: NatTableRequest; reply: NatTableReport };
  /** Who was behind translated endpoints at instants. */
  'attribution:read': { request: AttributionRequest; reply: AttributionReport };
  /** The same for complaints, which are found in a text. */
  'attribution:complaints': { request: ComplaintsRequest; reply: ComplaintsReport };
  /** Two session logs; streams their differences as batches before the reply. */
  'compare:run': { request: CompareRequest; reply: CompareReport };
  /** Refusals and blocks of ports; streams them, see `NatEventsReport`. */
  'nat-events:read': { request: NatEventsRequest; reply: NatEventsReport };
  /** Writes a whole result into the workspace's `tmp/exports`, from where its host takes it. */
  'export:run': { request: ExportRequest; reply: ExportReport };
  /** The imports behind an answer, as the file beside an export names them. */
  'export:sources': { request: ExportSourcesRequest; reply: ExportSources };
  /** Writes the packets behind log entries as pcapng into the workspace's `tmp/exports`, as `export:run` does. */
  'packets:write': { request: PacketsRequest; reply: PacketsReport };
  /** Captures that can be read, as they are named; pipes are not touched, and what cannot be read is left to the import. */
  'capture:info': {
    request: { readonly captures: readonly string[] };
    reply: { readonly captures: readonly CaptureGlance[] };
  };
  'workspace:read': { request: Record<string, never>; reply: WorkspaceReport };
  /** What `import:run` reported of a committed run. */
  'import:read': { request: { readonly run: number }; reply: ImportReport };
  /** Packets behind a number of a committed run's ledger, read again from its captures. */
  'import:packets': { request: LedgerPacketsRequest; reply: LedgerPackets };
  /** The hosts behind the gateway of a committed run. */
  'import:hosts': { request: { readonly run: number }; reply: TranslatedHosts };
  /**
   * Computes the digest of each capture of a committed run that has none yet, and keeps it. The captures are read again,
   * which costs as much as half an import: so not within one.
   */
  'digest:run': { request: { readonly run: number }; reply: { readonly digests: readonly CaptureDigest[] } };

  'project:list': { request: Record<string, never>; reply: { readonly projects: readonly ProjectFacts[] } };
  'project:read': { request: ProjectName; reply: ProjectFacts };
  'project:create': {
    request: ProjectName & { readonly region: string; readonly description: string };
    reply: ProjectFacts;
  };
  /** Name and region stay for good. */
  'project:update': { request: ProjectName & { readonly description: string }; reply: ProjectFacts };
  /** With all of its Logstores, in one transaction. */
  'project:delete': { request: ProjectName; reply: DeletedEntries };
  'logstore:list': {
    /** Null for all projects. */
    request: { readonly project: string | null };
    reply: { readonly logstores: readonly LogstoreReport[] };
  };
  'logstore:read': { request: LogstoreName; reply: LogstoreReport };
  'logstore:create': {
    request: LogstoreName & {
      readonly schema: LogstoreReport['schema'];
      readonly ttlDays: number | null;
      readonly shards: number;
    };
    reply: LogstoreReport;
  };
  /** Retention holds at once: the reply says how many entries went. */
  'logstore:update': {
    request: LogstoreName & { readonly ttlDays: number | null };
    reply: { readonly logstore: LogstoreReport; readonly expired: number };
  };
  /** With its entries, index and imports, in one transaction. */
  'logstore:delete': { request: LogstoreName; reply: DeletedEntries };
  'shard:list': { request: LogstoreName; reply: { readonly shards: readonly ShardFacts[] } };
  'shard:split': {
    /** Key null for the middle. */
    request: LogstoreName & { readonly shard: number; readonly key: string | null };
    reply: { readonly shards: readonly ShardFacts[] };
  };
  'shard:merge': {
    request: LogstoreName & { readonly shard: number };
    reply: { readonly shards: readonly ShardFacts[] };
  };
  'index:read': { request: LogstoreName; reply: IndexReport };
  /** Creates or replaces the whole index; entries that are there keep the one they were written under. */
  'index:write': {
    request: LogstoreName & { readonly config: Readonly<Record<string, unknown>> };
    reply: IndexReport;
  };
  /** What an index would change, without setting it. Config null: the one that the Logstore's fields recommend. */
  'index:preview': {
    request: LogstoreName & { readonly config: Readonly<Record<string, unknown>> | null };
    reply: IndexPreview;
  };
  /** Writes the index that is set, in the vendor's JSON, into the workspace's `tmp/exports`, from where its host takes it. */
  'index:export': { request: LogstoreName; reply: { readonly file: string; readonly bytes: number } };
  /** The recommended index of the Logstore's fields, where there is none. */
  'index:recommend': { request: LogstoreName; reply: IndexReport };
  'index:delete': { request: LogstoreName; reply: IndexReport };
  /** Applies the index to all entries that are there. */
  'index:rebuild': { request: LogstoreName; reply: IndexReport & { readonly reindexed: number } };
  /** By name, whatever its capitals. */
  'saved-search:list': {
    request: LogstoreName;
    reply: { readonly savedSearches: readonly SavedSearchReport[] };
  };
  'saved-search:read': { request: SavedSearchName; reply: SavedSearchReport };
  'saved-search:write': {
    /** Replace: whether one of that name is to be another one from now on. */
    request: LogstoreName & { readonly savedSearch: SavedSearch; readonly replace: boolean };
    reply: SavedSearchReport;
  };
  'saved-search:rename': { request: SavedSearchName & { readonly newName: string }; reply: SavedSearchReport };
  'saved-search:delete': { request: SavedSearchName; reply: null };
  /** Which of some files have log entries, by their content; each other one may be a capture. */
  'file:recognise': {
    request: { readonly files: readonly RecognisedFile[] };
    reply: { readonly kinds: readonly FileKind[] };
  };
  /** What files of log entries look like, from their beginnings; changes nothing. */
  'load:preview': { request: { readonly files: readonly string[] }; reply: LoadPreview };
  /** Log entries from files; all of them, or nothing that a query can see. */
  'load:run': { request: LoadRequest; reply: LoadReport };
  /** What a load could not read, by file and line. */
  'load:bad-lines': {
    request: { readonly run: number; readonly offset: number; readonly limit: number };
    reply: { readonly total: number; readonly lines: readonly (BadLine & { readonly content: string })[] };
  };
}

export interface ProjectName {
  readonly project: string;
}

export type CallName = keyof Calls;

export const CALLS = [
  'import:run',
  'import:preview',
  'import:remedies',
  'upload:discard',
  'query:run',
  'query:explain',
  'histogram:run',
  'field:read',
  'dialect:read',
  'context:read',
  'nat-table:read',
  'attribution:read',
  'attribution:complaints',
  'compare:run',
  'nat-events:read',
  'export:run',
  'export:sources',
  'packets:write',
  'capture:info',
  'workspace:read',
  'import:read',
  'import:packets',
  ...DELIVERY_CALLS,
  ...REPLAY_CALLS,
  'import:hosts',
  'digest:run',
  'project:list',
  'project:read',
  'project:create',
  'project:update',
  'project:delete',
  'logstore:list',
  'logstore:read',
  'logstore:create',
  'logstore:update',
  'logstore:delete',
  'shard:list',
  'shard:split',
  'shard:merge',
  'index:read',
  'index:write',
  'index:preview',
  'index:export',
  'index:recommend',
  'index:delete',
  'index:rebuild',
  'saved-search:list',
  'saved-search:read',
  'saved-search:write',
  'saved-search:rename',
  'saved-search:delete',
  'file:recognise',
  'load:preview',
  'load:run',
  'load:bad-lines',
  ...GATEWAY_CALLS,
] as const satisfies readonly CallName[];

/** What the engine tells the caller of a running call, without being asked. */
export interface CallEvents {
  'import:progress': ImportProgress;
  'export:progress': ExportProgress;
  'packets:progress': PacketsProgress;
  'digest:progress': DigestProgress;
  'load:progress': LoadProgress;
}
export type CallEventName = keyof CallEvents;

/**
 * Which IP header of a packet in a tunnel counts: the outermost, the innermost, or (auto) the first that the gateway
 * would translate, and the innermost where it would translate none. So a host's own tunnel counts as the gateway sees
 * it, and a mirrored packet as what it is a copy of.
 */
export const TUNNEL_LAYERS = ['auto', 'outer', 'inner'] as const;
export type TunnelLayer = (typeof TUNNEL_LAYERS)[number];
/** Stands for the path of what the process that reads it is given on standard input. */
export const STANDARD_INPUT = '-';

/**
 * How many times its own size a compressed capture may grow to, if it grows to more than 64 MiB. Packets that hardly
 * differ come to 100 times; gzip can do 1,032 times, and a decompression bomb does.
 */
export const DEFAULT_MAX_EXPANSION = 200;

/** Where session logs go that no Logstore is named for. */
export const DEFAULT_PROJECT = 'local';
export const DEFAULT_LOGSTORE = 'session-log';

export interface ImportRequest {
  /** Absolute paths, or `STANDARD_INPUT`. Several files are one import. */
  readonly captures: readonly string[];
  /** Captures that only the caller can read, each with the local socket where it sends their octets to whoever connects. */
  readonly streams?: readonly { readonly capture: string; readonly socketPath: string }[] | undefined;
  /** Default `DEFAULT_MAX_EXPANSION`. */
  readonly maxExpansion?: number | undefined;
  readonly project: string;
  readonly logstore: string;
  /**
   * The configuration of the gateway, an object as its file has it, in the place of `inside`, `eips` and `seed`; the
   * engine checks all of it. Without it, the default gateway is at work.
   */
  readonly gateway?: Readonly<Record<string, unknown>> | undefined;
  /** Networks behind the gateway as CIDR; empty means the default gateway's. */
  readonly inside: readonly string[];
  /** Public addresses of the gateway; empty means the default gateway's. */
  readonly eips: readonly string[];
  /** Of the default gateway. */
  readonly seed: number;
  readonly layer: TunnelLayer;
  /** Create the recommended index when the Logstore has none. */
  readonly createIndex: boolean;
  /** Import even though the same captures are already in the Logstore with the same options. */
  readonly again: boolean;
  /** Leave out files, and pipes, that cannot be read as far as their first packet, instead of failing. */
  readonly keepGoing: boolean;
  /**
   * Through these gateways, by id, or all of which the session log is enabled, and where that goes to: in the place of
   * `project`, `logstore`, `gateway`, `inside`, `eips` and `seed`, unless there is none.
   */
  readonly sessionLogs?: 'enabled' | readonly string[] | undefined;
  /** How the entries are delivered, as a file has it; without it, as `DEFAULT_SCRIPT` says. */
  readonly delivery?: Readonly<Record<string, unknown>> | undefined;
  /**
   * What is recorded while it is read: windows are in the Logstore as soon as they are sealed, also when nothing comes, and
   * stay there whatever happens. A cancel ends the reading, and what was read is kept.
   */
  readonly live?: boolean | undefined;
  /** Of a live import: so many times as fast as it was recorded, by the times of the packets. Without it, as it comes. */
  readonly speed?: number | undefined;
  /** Of an import with a `speed`: what is before that time goes through at once. `start` is where the first window begins. */
  readonly playFrom?: ScriptTime | undefined;
}

export interface ImportProgress {
  readonly readBytes: number;
  /** Null when the size is not known beforehand. */
  readonly totalBytes: number | null;
  readonly packets: number;
  readonly windows: number;
  readonly elapsedMs: number;
  /** Of an import with a `speed`. */
  readonly replay?: ReplayFacts;
}

/** A capture that was left out of an import under `keepGoing`. */
export interface SkippedCapture {
  readonly path: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Container formats that are read; 'pcap' with its nanosecond and modified variants. */
export type CaptureFormat = 'pcap' | 'pcapng' | 'snoop' | 'erf';

export interface CaptureFacts {
  readonly path: string;
  readonly format: CaptureFormat;
  readonly fileBytes: number;
  readonly packets: number;
  /**
   * The earliest and the latest time of a packet, wherever in the file: epoch seconds with nanosecond digits, as text since no
   * double holds them; null when no packet has a time.
   */
  readonly firstTime: string | null;
  readonly lastTime: string | null;
}

export interface DescribedCapture {
  /** Octets as stored, or as they came from a pipe. */
  readonly storedBytes: number;
  /** SHA-256 of all stored octets, hexadecimal; null until `digest:run` has computed it. */
  readonly sha256: string | null;
  /** Null where an older version imported it. */
  readonly details: ImportedDetails | null;
}

/** The digest of a capture, or why there is none. */
export type CaptureDigest =
  { readonly sha256: string; readonly error: null } | { readonly sha256: null; readonly error: ErrorShape };

export interface DigestProgress {
  readonly readBytes: number;
  /** Of all captures of the run whose digest is computed. */
  readonly totalBytes: number;
}

/** What can be told of a capture at once, from its beginning. */
export interface CaptureGlance {
  readonly path: string;
  readonly format: CaptureFormat;
  /** As '2.4'; null where the format has none. */
  readonly version: string | null;
  readonly byteOrder: 'little' | 'big';
  /** Octets as stored. */
  readonly storedBytes: number;
  /** Null when it is not compressed. */
  readonly compression: Compression | null;
  /** Names with their numbers, of what is described up to the first packets; so are the interfaces. */
  readonly linkTypes: readonly string[];
  readonly interfaceCount: number;
  /** The first of them. */
  readonly interfaces: readonly InterfaceDescription[];
  /** Of the first packet in the file, written as in `CaptureFacts`; null where none of the first packets has a time. */
  readonly firstTime: string | null;
  /** The last import of the same content, under whichever path; null for none. */
  readonly run: number | null;
}

export interface ImportReport {
  readonly run: number;
  readonly workspace: string;
  readonly project: string;
  readonly logstore: string;
  readonly captures: readonly CaptureFacts[];
  /** What each of them is, in the same order. */
  readonly described: readonly DescribedCapture[];
  readonly skipped: readonly SkippedCapture[];
  readonly ledger: Ledger;
  readonly logEntries: number;
  readonly windows: number;
  readonly seconds: number;
  readonly createdIndex: boolean;
  /** What became of the entries on their way into the Logstore; null in runs of older versions. */
  readonly delivery: DeliveryTotals | null;
  readonly notices: readonly Notice[];
  /** Of the other gateways, where the captures went through several. */
  readonly others?: readonly ImportReport[];
}

/**
 * The imports that an answer rests on. A log only grows between two calls that name the same one, and neither sees the
 * growth; entries of it that were deleted since make the later call fail.
 */
export interface LogSnapshot {
  /** Runs after this one are not seen; null when there was none. */
  readonly maxRun: number | null;
  /** When that one began, milliseconds since 1970: what tells it from one of the same number in another workspace. */
  readonly startedMs: number | null;
  /** Runs up to `maxRun` that were under way, in ascending order. */
  readonly hidden: readonly number[];
  /** How many runs are seen. */
  readonly runs: number;
}

export interface QueryRequest {
  readonly text: string;
  readonly project: string;
  readonly logstore: string;
  /** Half-open range as the user wrote it (`-15m`, RFC 3339, epoch seconds, …); null means the end of the log. */
  readonly from: string | null;
  readonly to: string | null;
  /** IANA name, `UTC` or an offset such as `+08:00`. */
  readonly zone: string;
  /** `console`: the caps of the vendor's console hold, what its language lacks is refused, and the report says what was cut. */
  readonly limits?: 'console' | undefined;
  /** At most this many rows; null for all of them. */
  readonly limit: number | null;
  /** Entries passed over before the first; 0 for a statement, which has an OFFSET of its own. */
  readonly offset: number;
  /** Entries newest first. */
  readonly reverse: boolean;
  /** Begin each entry with its identity, in a column `ENTRY_ID_COLUMN`; not for a statement. */
  readonly entryIds?: boolean | undefined;
  /** Of an answer that this belongs to; null for the log as it is now. */
  readonly snapshot: LogSnapshot | null;
}

export interface QueryReport {
  readonly rowCount: number;
  readonly columns: readonly { readonly name: string; readonly type: ResultBatch['columns'][number]['type'] }[];
  /** The range that was searched, epoch seconds, half-open; null for a log without entries. */
  readonly range: { readonly fromSec: number; readonly toSec: number } | null;
  readonly snapshot: LogSnapshot;
  readonly notices: readonly Notice[];
  readonly sql: string;
}

export type ExplainRequest = Pick<
  QueryRequest,
  'text' | 'project' | 'logstore' | 'from' | 'to' | 'zone' | 'limits' | 'snapshot'
>;

export interface ExplainReport {
  /** As in `QueryReport`. */
  readonly range: QueryReport['range'];
  /** Of the search part, with UTF-16 positions in the query. */
  readonly tokens: readonly {
    readonly kind: string;
    readonly text: string;
    readonly start: number;
    readonly end: number;
  }[];
  /** The indexed fields that the search compares or the statement reads. */
  readonly indexes: readonly {
    readonly field: string;
    readonly type: string;
    readonly search: boolean;
    readonly sql: boolean;
  }[];
  /** The statement as DuckDB is given it, with the values of `$1`, `$2`, … as text. */
  readonly sql: string;
  readonly params: readonly string[];
  /** DuckDB's drawing of how it runs. */
  readonly plan: string;
}

export type HistogramRequest = Pick<
  QueryRequest,
  'text' | 'project' | 'logstore' | 'from' | 'to' | 'zone' | 'limits' | 'snapshot'
>;

export interface HistogramReport {
  /** As in `QueryReport`. */
  readonly range: QueryReport['range'];
  readonly snapshot: LogSnapshot;
  /** Width of a bin: one of the fixed widths, aligned to the epoch in the zone. */
  readonly binSec: number;
  /** Every bin that the range touches, in order and without gaps; the first and the last may lie partly outside of it. */
  readonly bins: readonly { readonly startSec: number; readonly entries: number }[];
  /** Entries in the range, which is the sum over the bins. */
  readonly entries: number;
  /** Windows in the range of which entries were not delivered, ascending; half-open, epoch seconds. */
  readonly incomplete: readonly { readonly startSec: number; readonly endSec: number }[];
  readonly notices: readonly Notice[];
}

/**
 * As they were captured; or as the Internet saw them: with translated addresses, ports and identifiers, and checksums that
 * follow.
 */
export const PACKET_SIDES = ['captured', 'public'] as const;
export type PacketSide = (typeof PACKET_SIDES)[number];

/** Of one log entry, or of all that a search finds; or behind a number of a run's ledger, which are written as captured. */
export type PacketsRequest =
  | ((EntryId | { readonly query: PacketsQuery }) & {
      /** Default captured. */
      readonly side?: PacketSide | undefined;
    })
  | LedgerPacketsId;

export interface LedgerPacketsId {
  readonly run: number;
  readonly of: LedgerPart;
}

/** A search, without a statement behind it. */
export type PacketsQuery = Pick<QueryRequest, 'text' | 'project' | 'logstore' | 'from' | 'to' | 'zone' | 'snapshot'>;

export interface PacketsReport {
  /** Name of the file within `tmp/exports` of the workspace. */
  readonly file: string;
  readonly bytes: number;
  /** Log entries whose packets were asked for; 0 for those behind a number of a ledger. */
  readonly entries: number;
  /** Packets in the file: those that were found, each once. */
  readonly packets: number;
  /** What was found of them, and what they count; not the same when a notice of losses says so. */
  readonly found: PacketCounts;
  readonly counted: PacketCounts;
  /** The entry in one line: run and number, window, endpoints and their translation; or the search. */
  readonly description: string;
  readonly notices: readonly Notice[];
}

export interface PacketCounts {
  readonly packets: number;
  /** IP octets, as the entry counts them. */
  readonly ipBytes: number;
}

export interface PacketsProgress {
  /** Packets that were found so far. */
  readonly foundPackets: number;
  /** Octets of the captures that were gone through, as they are stored. */
  readonly searchedBytes: number;
}

/** What a workspace holds, as its start page shows it. */
export interface WorkspaceReport {
  /** Real path. */
  readonly workspace: string;
  readonly logstores: readonly LogstoreFacts[];
  /** Committed runs, the newest first. */
  readonly imports: readonly ImportFacts[];
}

export interface LogstoreFacts {
  readonly project: string;
  readonly name: string;
  /** Entries of committed runs. */
  readonly entries: number;
  /** Times of the first and the last entry, epoch seconds, both inside; null without entries. */
  readonly extent: { readonly firstSec: number; readonly lastSec: number } | null;
  /** Null without an index, when nothing can be queried. */
  readonly fields: readonly { readonly name: string; readonly type: FieldType; readonly meaning: string }[] | null;
}

export interface ImportFacts {
  readonly run: number;
  readonly project: string;
  readonly logstore: string;
  /** Of the gateway that they went through; empty where an older version imported them. */
  readonly instance: string;
  /** Milliseconds since 1970. */
  readonly finishedMs: number;
  readonly captures: readonly (CaptureFacts & { readonly isMissing: boolean })[];
  readonly packets: number;
  readonly logEntries: number;
  readonly windows: number;
  /** Whether bytes could not be read or packets were lost, see `hasLosses`. */
  readonly hasLosses: boolean;
}

/** One running call, as its caller sees it. */
export interface RunningCall<K extends CallName> {
  readonly outcome: Promise<Outcome<Calls[K]['reply']>>;
  cancel(): void;
}

export interface CallListeners {
  /** Awaited before the next batch is asked for, so a slow reader holds the writer back. */
  readonly onBatch?: (batch: ResultBatch) => void | Promise<void>;
  readonly onEvent?: <E extends CallEventName>(name: E, payload: CallEvents[E]) => void;
}

/** The engine as every host, window and command sees it. */
export interface EngineClient {
  call<K extends CallName>(name: K, request: Calls[K]['request'], listeners?: CallListeners): RunningCall<K>;
  close(): Promise<void>;
}

/** Goes up with every change that older programs would misread. */
export const PROTOCOL_VERSION = 2;

/** Frames of the wire; `id` is the caller's number of the call. */
export type ClientFrame =
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly request: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  /** The caller has taken one batch. */
  | { readonly kind: 'ack'; readonly id: number };
export type EngineFrame =
  /** The first frame of every connection, so that a client knows that somebody is there who speaks as it does. */
  | { readonly kind: 'hello'; readonly id: 0; readonly protocol: number }
  | { readonly kind: 'batch'; readonly id: number; readonly batch: ResultBatch }
  | { readonly kind: 'event'; readonly id: number; readonly name: CallEventName; readonly payload: unknown }
  | { readonly kind: 'reply'; readonly id: number; readonly outcome: Outcome<unknown> }
  /** Why the engine ends the connection, right before it does. */
  | { readonly kind: 'goodbye'; readonly id: 0; readonly error: ErrorShape };
