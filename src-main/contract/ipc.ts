import type { AttributionReport, AttributionRequest, ComplaintsReport, ComplaintsRequest } from './attribution';
import type { CaptureReport, TranslatedHosts } from './capture-details';
import type { CompareReport, CompareRequest } from './compare';
import { DELIVERY_CALLS, type DeliveryCalls } from './delivery';
import type { DialectReport } from './dialect';
import type { ContextReport, ContextRequest } from './entry-context';
import type { ExportProgress, ExportReport, ExportRequest, ExportSources, ExportSourcesRequest } from './export';
import type { FieldStatistics, FieldStatisticsRequest } from './field-statistics';
import { GATEWAY_CALLS, type GatewayCalls } from './gateways';
import type { ImportPreview, ImportPreviewRequest, RemedyReport } from './import-preview';
import type {
  CaptureDigest,
  CaptureGlance,
  DigestProgress,
  ImportProgress,
  ImportReport,
  ImportRequest,
} from './imports';
import type { IndexPreview } from './index-config';
import type { LedgerPackets, LedgerPacketsRequest } from './ledger-packets';
import type {
  BadLine,
  DeletedEntries,
  FileKind,
  IndexReport,
  LoadPreview,
  LoadPreviewRequest,
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
import type { WindowsReport, WindowsRequest } from './windows';
import type { NatTableReport, NatTableRequest } from './nat-table';
import type { PacketsProgress, PacketsReport, PacketsRequest } from './packets';
import type {
  ExplainReport,
  ExplainRequest,
  HistogramReport,
  HistogramRequest,
  QueryReport,
  QueryRequest,
} from './query';
import { REPLAY_CALLS, type ReplayCalls } from './replay';
import type { SavedSearch, SavedSearchName, SavedSearchReport } from './saved-search';
import type { WorkspaceReport } from './workspace-report';

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
  'windows:read': { request: WindowsRequest; reply: WindowsReport };
  /** Writes a whole result into the workspace's `tmp/exports`, from where its host takes it. */
  'export:run': { request: ExportRequest; reply: ExportReport };
  /** The imports behind an answer, as the file beside an export names them. */
  'export:sources': { request: ExportSourcesRequest; reply: ExportSources };
  /** Writes the packets behind log entries as pcapng into the workspace's `tmp/exports`, as `export:run` does. */
  'packets:write': { request: PacketsRequest; reply: PacketsReport };
  /** Reads captures of imports that are no longer where they were from a file that has the same content; from: where they were. */
  'capture:move': { request: { readonly path: string }; reply: { readonly from: readonly string[] } };
  /** Captures that can be read, as they are named; pipes are not touched, and what cannot be read is left to the import. */
  'capture:info': {
    request: { readonly captures: readonly string[] };
    reply: { readonly captures: readonly CaptureGlance[] };
  };
  /** All that one capture is, read to its end through the default gateway; nothing is kept. */
  'capture:read': { request: { readonly path: string }; reply: CaptureReport };
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
  /** Retention holds at once: the reply says how many entries went, or would go in a trial, which changes nothing. */
  'logstore:update': {
    request: LogstoreName & { readonly ttlDays: number | null; readonly isTrial?: boolean | undefined };
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
    request: LogstoreName & {
      readonly savedSearch: SavedSearch;
      /** Whether one of that name is to be another one from now on. */
      readonly replace: boolean;
      /** `updatedMs` of the one that is to be replaced, as it is known; null for whatever is there. */
      readonly knownMs: number | null;
    };
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
  'load:preview': { request: LoadPreviewRequest; reply: LoadPreview };
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
  'windows:read',
  'export:run',
  'export:sources',
  'packets:write',
  'capture:move',
  'capture:info',
  'capture:read',
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
