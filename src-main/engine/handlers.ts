import type { CallName } from '../contract/ipc';
import type { Database } from '../duckdb/database';
import { readBadLines } from '../duckdb/bad-lines';
import { readTranslatedHosts } from '../duckdb/translated-hosts';
import { glanceAtCaptures } from './capture-glance';
import { computeDigests } from './digest-service';
import { gatewayHandlers } from './gateway-handlers';
import { choiceOfSessionLog, importByRoutes } from './import-routes';
import {
  deleteIndex,
  exportIndex,
  previewIndex,
  readIndexReport,
  reindex,
  setIndex,
  setRecommendedIndex,
} from './index-service';
import {
  createLogstore,
  createProject,
  deleteLogstore,
  deleteProject,
  listLogstores,
  listProjects,
  merge,
  readLogstore,
  readProject,
  readShardFacts,
  split,
  updateLogstore,
  updateProject,
} from './logstore-service';
import { importInThread, type Importer } from './importer';
import { MissingFiles } from './missing-files';
import { Replays } from './replays';
import { parseRequest } from './request-parsers';
import {
  deleteSavedSearch,
  listSavedSearches,
  readSavedSearch,
  renameSavedSearch,
  writeSavedSearch,
} from './saved-search-service';
import type { CallHandlers, EngineCalls } from './engine-calls';
import { Uploads } from './uploads';
import { readImport, readWorkspace } from './workspace-service';

/**
 * What the engine does for each call of the contract. What an import does not need is read when it is called for: the
 * query language alone is half of the program.
 *
 * @param importer where captures are read
 */
export function engineHandlers(
  database: Database,
  importer: Importer = importInThread,
  uploads: Uploads = Uploads.of(database),
): CallHandlers {
  const missingFiles = new MissingFiles();
  const replays = new Replays();
  return {
    'import:run': (request, context) =>
      uploads.whileImporting(request.captures, () => importByRoutes(database, request, context, importer, replays)),
    'replay:control': (request) => Promise.resolve(replays.control(request)),
    'replay:list': () => Promise.resolve({ replays: replays.list() }),
    'import:preview': async (request, context) => {
      const { sessionLog } = request;
      const own = sessionLog === undefined ? {} : await choiceOfSessionLog(database, sessionLog);
      return (await import('./import-preview')).previewImport({ ...request, ...own }, context);
    },
    'import:remedies': async ({ run }, context) =>
      (await import('./import-preview')).readRemedies(database, run, context),
    'upload:discard': async ({ captures }) => {
      await uploads.discard(captures);
      return null;
    },
    'query:run': async (request, context) => (await import('./query-service')).runQuery(database, request, context),
    'query:explain': async (request, context) =>
      (await import('./explain-service')).explainQuery(database, request, context),
    'histogram:run': async (request, context) =>
      (await import('./histogram-service')).runHistogram(database, request, context),
    'field:read': async (request, context) =>
      (await import('./field-statistics-service')).readFieldStatistics(database, request, context),
    'context:read': async (request, context) =>
      (await import('./context-service')).readContext(database, request, context),
    'nat-table:read': async (request, context) =>
      (await import('./nat-table-service')).readNatTable(database, request, context),
    'attribution:read': async (request, context) =>
      (await import('./attribution/attribution-service')).readAttribution(database, request, context),
    'attribution:complaints': async (request, context) =>
      (await import('./attribution/attribution-service')).readComplaintAnswers(database, request, context),
    'compare:run': async (request, context) =>
      (await import('./compare/compare-service')).runCompare(database, request, context),
    'nat-events:read': async (request, context) =>
      (await import('./nat-events-service')).readNatEvents(database, request, context),
    'windows:read': async (request, context) =>
      (await import('./windows-service')).readWindows(database, request, context),
    'export:run': async (request, context) => (await import('./export-service')).runExport(database, request, context),
    'export:sources': async (request) => (await import('./export-sources')).readExportSources(database, request),
    'packets:write': async (request, context) =>
      (await import('./packets-service')).writePackets(database, request, context),
    'capture:move': async ({ path }) => (await import('./moved-captures')).moveCaptures(database, path),
    'capture:info': async ({ captures }, { signal }) => ({
      captures: await glanceAtCaptures(database, captures, signal),
    }),
    'capture:read': async ({ path }, { signal }) =>
      (await import('./capture-info')).readCaptureInfo(path, { isCancelled: () => signal.aborted }),
    'dialect:read': async () => ({ functions: (await import('../query/functions/names')).dialectFunctions() }),
    'workspace:read': (_request, { signal }) => readWorkspace(database, missingFiles, signal),
    'import:read': ({ run }) => readImport(database, run),
    'import:packets': async (request, context) =>
      (await import('./ledger-packets')).readLedgerPackets(database, request, context),
    'delivery:read': async (request) => (await import('./delivery-service')).readDelivery(database, request),
    'delivery:events': async (request) => (await import('./delivery-service')).listDeliveryEvents(database, request),
    'delivery:apply': async (request) => (await import('./delivery-service')).applyDelivery(database, request),
    'cost:read': async (request) => (await import('./cost-service')).readCosts(database, request),
    'delivery:export': async (request, { signal }) =>
      (await import('./script-export')).exportScript(database, request, signal),
    'delivery:presets': async () => ({ presets: (await import('../delivery/presets')).DELIVERY_PRESETS }),
    'import:hosts': ({ run }) => readTranslatedHosts(database, run),
    'digest:run': ({ run }, context) => computeDigests(database, run, context),
    'file:recognise': async ({ files }, { signal }) => ({
      kinds: await (await import('./load/recognise-files')).recogniseFiles(files, signal),
    }),
    'load:preview': async (request, { signal }) => (await import('./load/preview-files')).previewFiles(request, signal),
    'load:run': async (request, context) => {
      const { runLoad } = await import('./load/load-service');
      // What a browser has sent is of no use after that: a load keeps what it has read.
      return uploads.whileImporting(request.files, () => runLoad(database, request, context));
    },
    'load:bad-lines': ({ run, offset, limit }) => readBadLines(database, run, offset, limit),
    ...catalogueHandlers(database),
    ...gatewayHandlers(database),
  };
}

type CatalogueCall = Extract<CallName, `${'project' | 'logstore' | 'shard' | 'index' | 'saved-search'}:${string}`>;

function catalogueHandlers(database: Database): Pick<CallHandlers, CatalogueCall> {
  return {
    'project:list': async () => ({ projects: await listProjects(database) }),
    'project:read': ({ project }) => readProject(database, project),
    'project:create': (request) => createProject(database, request),
    'project:update': (request) => updateProject(database, request),
    'project:delete': ({ project }) => deleteProject(database, project),
    'logstore:list': async ({ project }) => ({ logstores: await listLogstores(database, project) }),
    'logstore:read': (request) => readLogstore(database, request),
    'logstore:create': (request) => createLogstore(database, request),
    'logstore:update': (request) => updateLogstore(database, request),
    'logstore:delete': (request) => deleteLogstore(database, request),
    'shard:list': async (request) => ({ shards: await readShardFacts(database, request) }),
    'shard:split': async (request) => ({ shards: await split(database, request) }),
    'shard:merge': async (request) => ({ shards: await merge(database, request) }),
    'index:read': (request) => readIndexReport(database, request),
    'index:write': (request) => setIndex(database, request),
    'index:preview': (request) => previewIndex(database, request),
    'index:export': (request, { signal }) => exportIndex(database, request, signal),
    'index:recommend': (request) => setRecommendedIndex(database, request),
    'index:delete': (request) => deleteIndex(database, request),
    'index:rebuild': (request) => reindex(database, request),
    'saved-search:list': async (request) => ({ savedSearches: await listSavedSearches(database, request) }),
    'saved-search:read': (request) => readSavedSearch(database, request),
    'saved-search:write': (request) => writeSavedSearch(database, request),
    'saved-search:rename': (request) => renameSavedSearch(database, request),
    'saved-search:delete': (request) => deleteSavedSearch(database, request),
  };
}

/** @returns what makes the engine of a workspace */
export function engineCalls(importer?: Importer): (database: Database) => EngineCalls {
  return (database) => ({ handlers: engineHandlers(database, importer), parseRequest });
}

/** The same for the process of a host, which begins with removing uploads that hosts before it have left. */
export function hostEngineCalls(importer: Importer): (database: Database) => EngineCalls {
  return (database) => {
    const uploads = Uploads.of(database);
    void uploads.sweep();
    return { handlers: engineHandlers(database, importer, uploads), parseRequest };
  };
}
