import { AppError } from '../contract/errors';
import type { QueryRequest } from '../contract/query';
import type { Database } from '../duckdb/database';
import type { LogstoreNames } from '../query/compiled-query';
import { openLog } from './open-log';

/** The Logstores of a call's project, as a statement names them; each is opened as it is now. */
export function projectLogstores(
  database: Database,
  request: Pick<QueryRequest, 'project' | 'logstore' | 'from' | 'to' | 'zone'>,
  signal: AbortSignal,
): LogstoreNames {
  return {
    own: request.logstore,
    find: async (name) => {
      try {
        return (await openLog(database, { ...request, logstore: name, snapshot: null }, signal)).relation;
      } catch (cause) {
        if (cause instanceof AppError && cause.code === 'LOGSTORE_NOT_FOUND') return null;
        throw cause;
      }
    },
  };
}
