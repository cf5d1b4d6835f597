import { natTablePart, type NatTablePart, type NatTableReport } from '../contract/nat-table';
import type { ResultBatch } from '../contract/result-batch';
import type { RowWriter } from '../engine/output/row-writer';
import type { ByteSink } from '../engine/output/text-sink';
import type { Context } from './context';
import { withEngine } from './engine-session';
import { EXIT, type ExitCode } from './exit-code';
import { jsonTable, textTable, type NatTableFormat } from './nat-table-formats';
import { counted } from './number-text';
import type { NatEndpoint } from './option-values';
import { createRowWriter } from './row-writers';
import { instantText } from './time-range-text';

export interface NatTableOptions {
  readonly at: string;
  readonly workspace?: string;
  readonly project: string;
  readonly logstore: string;
  readonly run?: number;
  readonly zone: string;
  readonly host?: string;
  readonly nat?: NatEndpoint;
  readonly json: boolean;
}

/**
 * Ports and sessions on standard output, as they come; at which instant, and what must be known about it, on standard error.
 *
 * @throws AppError TIME_INVALID, OPTION_INVALID, RUN_NOT_FOUND, WORKSPACE_*, QUERY_* and their like; ReaderGone
 */
export async function runNatTable(context: Context, options: NatTableOptions): Promise<ExitCode> {
  const { at, workspace, project, logstore, run = null, zone, host = null, nat = null, json } = options;
  const format = json ? jsonTable : textTable(zone);
  const parts = new PartWriter(format, context.out);
  const report = await withEngine(
    context,
    workspace,
    (engine) =>
      engine.run(
        'nat-table:read',
        { at, project, logstore, run, zone, host, nat },
        { onBatch: (batch) => parts.write(batch) },
      ),
    { mustExist: true },
  );
  await parts.end();
  await context.out.write(format.end(report));
  await context.out.flush();
  context.err.tell(summaryText(report, zone));
  return EXIT.done;
}

/** Writes ports and sessions below each other, each as a table of its own. */
class PartWriter {
  readonly #format: NatTableFormat;
  readonly #sink: ByteSink;
  #part: NatTablePart | null = null;
  #writer: RowWriter | null = null;
  #columns: ResultBatch['columns'] = [];

  constructor(format: NatTableFormat, sink: ByteSink) {
    this.#format = format;
    this.#sink = sink;
  }

  async write(batch: ResultBatch): Promise<void> {
    const part = natTablePart(batch);
    if (part !== this.#part) {
      await this.end();
      await this.#sink.write(this.#format.begin(part));
      this.#part = part;
      this.#writer = createRowWriter(this.#format.rows, this.#sink);
    }
    const shown = this.#format.shown(batch);
    this.#columns = shown.columns;
    await this.#writer?.rows(shown);
  }

  async end(): Promise<void> {
    await this.#writer?.end(this.#columns);
  }
}

function summaryText({ at, sessions, destinations, notices }: NatTableReport, zone: string): string {
  const facts = [
    counted(sessions, 'live session'),
    counted(destinations, 'destination'),
    at === null ? 'the log has no entries' : instantText(at, zone),
  ];
  return `${[facts.join(' · '), ...notices.map(({ text }) => text)].join('\n')}\n`;
}
