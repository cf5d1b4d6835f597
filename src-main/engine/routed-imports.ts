import type { ImportReport, ImportRequest } from '../contract/imports';
import type { Database } from '../duckdb/database';
import type { StoredGateway } from '../duckdb/gateway-rows';
import { GATEWAY_STATEMENTS } from '../duckdb/gateway-statements';
import { commitRunIn, deleteRun, type RunEnd } from '../duckdb/import-runs';
import { runImport, type ImportContext, type ImportRoute } from './import-service';
import type { Importer } from './importer';
import type { Replays } from './replays';
import { failedBeside, importSideBySide, type SideImport } from './side-by-side';

/** Where a gateway's part of a capture goes. */
export interface Route {
  readonly gateway: StoredGateway;
  readonly request: ImportRequest;
  readonly modifyingSec: number;
  /** Whether the account has a role that may write the log. */
  readonly hasRole: boolean;
}

/** A run that no query sees so far. */
interface FilledRun {
  readonly run: number;
  readonly end: RunEnd;
}

/** One import through several gateways. */
export class RoutedImports {
  readonly #database: Database;
  readonly #request: ImportRequest;
  readonly #importer: Importer;
  readonly #replays: Replays | undefined;
  /** Runs that are to become visible at once. */
  readonly #filled: FilledRun[] = [];

  constructor(database: Database, request: ImportRequest, importer: Importer, replays: Replays | undefined) {
    this.#database = database;
    this.#request = request;
    this.#importer = importer;
    this.#replays = replays;
  }

  /** Each gateway reads the captures anew. */
  async oneByOne(routes: readonly Route[], context: ImportContext): Promise<ImportReport[]> {
    const reports: ImportReport[] = [];
    try {
      for (const [place, route] of routes.entries()) {
        const each: ImportContext = {
          signal: context.signal,
          emit: (name, payload) => context.emit(name, payload),
          endOnCancel: () => context.endOnCancel?.(),
          // Until the last one is full, all can be taken back.
          passNoReturn: () => {
            if (place === routes.length - 1) context.passNoReturn();
          },
        };
        reports.push(await this.#run(route, each));
      }
      await this.#commit(routes);
    } catch (cause) {
      await this.#takeBack();
      throw cause;
    }
    return reports;
  }

  /** They are read once. Of live ones that end since one fails, what they have read is kept. */
  async sideBySide(routes: readonly Route[], context: ImportContext): Promise<ImportReport[]> {
    const imports = routes.map((route): SideImport => {
      return {
        gateway: route.gateway.id,
        run: ({ streams }, each, shared) => this.#run(route, each, { streams, shared }),
      };
    });
    const { reports, failure } = await importSideBySide(this.#request, imports, context);
    const done = routes.flatMap((route, place) => {
      const report = reports[place] ?? null;
      return report === null ? [] : [{ route, report }];
    });
    if (failure === null) {
      await this.#commit(routes).catch(async (cause: unknown) => {
        await this.#takeBack();
        throw cause;
      });
      return done.map(({ report }) => report);
    }
    await this.#takeBack();
    if (this.#request.live !== true) throw failure;
    await this.#commit(done.map(({ route }) => route));
    throw failedBeside(
      failure,
      done.map(({ route, report }) => ({ gateway: route.gateway.id, run: report.run })),
    );
  }

  #run(
    { request, modifyingSec, hasRole }: Route,
    context: ImportContext,
    { streams, shared }: Pick<ImportRequest, 'streams'> & Pick<ImportRoute, 'shared'> = {},
  ): Promise<ImportReport> {
    const commitLater = (end: RunEnd, run: number): Promise<void> => {
      this.#filled.push({ run, end });
      return Promise.resolve();
    };
    const asRoute = this.#request.live === true ? { replays: this.#replays, shared } : { commitLater };
    const own = streams === undefined ? request : { ...request, streams };
    return runImport(this.#database, own, context, this.#importer, { modifyingSec, hasRole, ...asRoute });
  }

  /** All runs become visible at once; and destinations that were changed are changed. */
  async #commit(routes: readonly Route[]): Promise<void> {
    await this.#database.transaction(async (connection) => {
      for (const { run, end } of this.#filled) await commitRunIn(connection, run, end);
      for (const { gateway, modifyingSec } of routes) {
        if (modifyingSec > 0) await connection.run(GATEWAY_STATEMENTS.endModifying, [gateway.id]);
      }
    });
  }

  async #takeBack(): Promise<void> {
    // Where this fails as well, the next open of the workspace deletes them.
    for (const { run } of this.#filled) await deleteRun(this.#database, run).catch(() => undefined);
  }
}
