import { Writable } from 'node:stream';
import { main } from '../../../src-main/cli/main';
import type { Desktop, OpenEngine } from '../../../src-main/cli/context';
import type { Io } from '../../../src-main/cli/io';
import { AppError, toErrorShape } from '../../../src-main/contract/errors';
import type { AttributionReport, ComplaintsReport, ComplaintsRequest } from '../../../src-main/contract/attribution';
import type { ImportReport, ImportRequest } from '../../../src-main/contract/imports';
import type { CallEvents, CallName, Calls } from '../../../src-main/contract/ipc';
import type { QueryReport, QueryRequest } from '../../../src-main/contract/query';
import type { CallListeners, EngineClient } from '../../../src-main/contract/wire';
import type { NatEventsReport, NatEventsRequest } from '../../../src-main/contract/nat-events';
import type { NatTableReport, NatTableRequest } from '../../../src-main/contract/nat-table';
import type { Ledger } from '../../../src-main/contract/ledger';
import type { ReplayControl, ReplayFacts } from '../../../src-main/contract/replay';
import type { ResultBatch } from '../../../src-main/contract/result-batch';

/** What a stubbed call can do besides answering. */
export interface StubCall {
  batch(batch: ResultBatch): Promise<void>;
  progress(progress: CallEvents['import:progress']): void;
  /** Settles when the caller cancels. */
  readonly cancelled: Promise<void>;
}

/** Answers of the stubbed engine; what they throw is the outcome's error. */
export interface StubEngine {
  readonly import?: (request: ImportRequest, call: StubCall) => Promise<ImportReport> | ImportReport;
  readonly query?: (request: QueryRequest, call: StubCall) => Promise<QueryReport> | QueryReport;
  readonly natTable?: (request: NatTableRequest, call: StubCall) => Promise<NatTableReport> | NatTableReport;
  readonly replay?: (control: ReplayControl) => ReplayFacts;
  readonly attribution?: () => AttributionReport;
  readonly complaints?: (request: ComplaintsRequest) => ComplaintsReport;
  readonly natEvents?: (request: NatEventsRequest, call: StubCall) => Promise<NatEventsReport> | NatEventsReport;
}

export interface CliOptions {
  readonly engine?: StubEngine;
  readonly io?: Partial<Io>;
  readonly desktop?: Desktop;
  /** Called when the workspace is opened; may throw. */
  readonly onOpen?: (workspaceDir: string | null) => void;
}

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Keeps what was written to it. */
export class Collected extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs the command in this process over a stubbed engine. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const stdout = new Collected();
  const stderr = new Collected();
  const io: Io = {
    stdout,
    stderr,
    env: {},
    cwd: '/captures',
    isStdinTty: false,
    isStderrTty: false,
    columns: 80,
    readLine: () => Promise.resolve(''),
    readInput: () => Promise.resolve(new Uint8Array()),
    nowMs: () => 0,
    onInterrupt: () => () => {},
    onKey: () => () => {},
    ...options.io,
  };
  const exitCode = await main(argv, io, openStub(options), options.desktop);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

function openStub({ engine = {}, onOpen }: CliOptions): OpenEngine {
  return (workspaceDir) => {
    onOpen?.(workspaceDir);
    return Promise.resolve({
      client: stubClient(engine),
      workspace: workspaceDir ?? '/data/default',
      isHere: true,
      isServingOthers: () => false,
      close: () => Promise.resolve(),
    });
  };
}

function stubClient(engine: StubEngine): EngineClient {
  return {
    call: <K extends CallName>(name: K, request: Calls[K]['request'], listeners: CallListeners = {}) => {
      let cancel = (): void => {};
      const call: StubCall = {
        batch: async (batch) => {
          await listeners.onBatch?.(batch);
        },
        progress: (progress) => listeners.onEvent?.('import:progress', progress),
        cancelled: new Promise<void>((resolve) => {
          cancel = resolve;
        }),
      };
      const answer = async (): Promise<Calls[K]['reply']> => {
        await Promise.resolve();
        if (name === 'import:run') {
          if (!engine.import) throw new AppError('INTERNAL', 'no import was expected');
          return await engine.import(request as ImportRequest, call);
        }
        if (name === 'nat-table:read') {
          if (!engine.natTable) throw new AppError('INTERNAL', 'no table was expected');
          return await engine.natTable(request as NatTableRequest, call);
        }
        if (name === 'replay:control') {
          if (!engine.replay) throw new AppError('INTERNAL', 'no replay was expected');
          return engine.replay(request as ReplayControl);
        }
        if (name === 'nat-events:read') {
          if (!engine.natEvents) throw new AppError('INTERNAL', 'no events were expected');
          return await engine.natEvents(request as NatEventsRequest, call);
        }
        if (name === 'attribution:read') {
          if (!engine.attribution) throw new AppError('INTERNAL', 'no question was expected');
          return engine.attribution();
        }
        if (name === 'attribution:complaints') {
          if (!engine.complaints) throw new AppError('INTERNAL', 'no complaints were expected');
          return engine.complaints(request as ComplaintsRequest);
        }
        if (name === 'export:sources') return { version: '0.0.0', imports: [], loads: [], gateways: [] };
        if (!engine.query) throw new AppError('INTERNAL', 'no query was expected');
        return await engine.query(request as QueryRequest, call);
      };
      const outcome = answer().then(
        (value) => ({ ok: true as const, value }),
        (cause: unknown) => ({ ok: false as const, error: toErrorShape(cause) }),
      );
      return { outcome, cancel: () => cancel() };
    },
    close: () => Promise.resolve(),
  };
}

/** A balanced ledger of an import without losses. */
export const CLEAN_LEDGER: Ledger = {
  fileBytes: { read: 16_204_100, container: 1_637_320, captured: 14_566_780, unreadable: [] },
  packets: { read: 102_331, inEntries: 99_990, notInEntries: { non_ip: 12, intra: 2_329 } },
  ipBytes: { read: 13_130_210, inEntries: 12_930_005, notInEntries: { intra: 200_205 } },
};

export function importReport(changes: Partial<ImportReport> = {}): ImportReport {
  return {
    run: 3,
    workspace: '/data/default',
    project: 'local',
    logstore: 'session-log',
    captures: [
      {
        path: '/captures/office.pcap',
        format: 'pcap',
        fileBytes: 16_204_100,
        packets: 102_331,
        firstTime: '1773133200.123456789',
        lastTime: '1773134399.999999999',
      },
    ],
    described: [],
    delivery: null,
    skipped: [],
    ledger: CLEAN_LEDGER,
    logEntries: 1_204,
    windows: 2,
    seconds: 1.234,
    createdIndex: false,
    notices: [],
    ...changes,
  };
}

export function queryReport(changes: Partial<QueryReport> = {}): QueryReport {
  return {
    rowCount: 0,
    columns: [],
    range: { fromSec: 1_773_133_200, toSec: 1_773_134_400 },
    snapshot: { maxRun: 1, startedMs: 5, hidden: [], runs: 1 },
    notices: [],
    sql: '',
    ...changes,
  };
}

/** A stubbed query that streams the batches. */
export function answering(...batches: readonly ResultBatch[]): StubEngine {
  return {
    query: async (_request, call) => {
      for (const batch of batches) await call.batch(batch);
      return queryReport({
        rowCount: batches.reduce((total, { rowCount }) => total + rowCount, 0),
        columns: batches[0]?.columns.map(({ name, type }) => ({ name, type })) ?? [],
      });
    },
  };
}

export const int64 = (name: string, values: readonly bigint[], validity?: readonly number[]) => ({
  name,
  type: 'int64' as const,
  data: BigInt64Array.from(values),
  ...(validity ? { validity: Uint8Array.from(validity) } : {}),
});

export const text = (name: string, values: readonly string[], validity?: readonly number[]) => ({
  name,
  type: 'text' as const,
  data: Uint32Array.from(values.keys()),
  dictionary: values,
  ...(validity ? { validity: Uint8Array.from(validity) } : {}),
});
