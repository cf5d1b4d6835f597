import { AppError } from '../contract/errors';
import type { DestinationRequest } from '../contract/gateways';
import { DEFAULT_PROJECT } from '../contract/imports';
import {
  ensureProject,
  findLogstoreIn,
  findProject,
  insertLogstore,
  insertProject,
  lookUpLogstore,
  readRows,
  textIn,
} from '../duckdb/catalogue';
import type { Connection } from '../duckdb/database';
import { STATEMENTS } from '../duckdb/statements';
import { LOCAL_REGION } from '../logstore/regions';
import { checkLogstoreName, checkProjectName } from '../logstore/names';

/** As of `logstore:create`, where nobody says otherwise. */
const SHARDS = 2;

/**
 * Selects or makes the project and the Logstore of a session log, within a transaction.
 *
 * @param region of the gateway, and so of its project
 * @returns what was made
 * @throws AppError OPTION_INVALID, LOGSTORE_NAME_INVALID for names; PROJECT_NOT_FOUND, LOGSTORE_NOT_FOUND of what is selected;
 * PROJECT_EXISTS, LOGSTORE_EXISTS of what is to be made; SESSION_LOG_REFUSED with reason `project-region`; LOGSTORE_MISMATCH
 */
export async function ensureDestination(
  connection: Connection,
  region: string,
  { project, logstore }: DestinationRequest,
  nowMs: number,
): Promise<{ readonly project: boolean; readonly logstore: boolean }> {
  checkProjectName(project.name);
  checkLogstoreName(logstore.name);
  const projectId = await ensureOwner(connection, region, project, nowMs);
  const name = { project: project.name, name: logstore.name };
  if (logstore.mode === 'select') {
    const { schema } = await findLogstoreIn(connection, project.name, logstore.name);
    if (schema !== 'session_log') {
      const message = `Logstore ${logstore.name} has fields of its own, and no session logs: select another, or create one`;
      throw new AppError('LOGSTORE_MISMATCH', message, { project: project.name, logstore: logstore.name, schema });
    }
  } else {
    if ((await lookUpLogstore(connection, projectId, name)) !== null) {
      const message = `project ${project.name} has a Logstore ${logstore.name} already (LogStoreAlreadyExist): select it, or choose another name`;
      const vendorCode = 'LogStoreAlreadyExist';
      throw new AppError('LOGSTORE_EXISTS', message, { ...name, logstore: logstore.name, vendorCode });
    }
    const wanted = { ...name, schema: 'session_log', ttlDays: null, shards: SHARDS } as const;
    await insertLogstore(connection, projectId, wanted, nowMs);
  }
  return { project: project.mode === 'create', logstore: logstore.mode === 'create' };
}

async function ensureOwner(
  connection: Connection,
  region: string,
  { mode, name: project }: DestinationRequest['project'],
  nowMs: number,
): Promise<number> {
  const [there] = await readRows(connection, STATEMENTS.listProjectFacts, [project]);
  if (mode === 'create') {
    if (there !== undefined) {
      const message = `there is a project ${project} already (ProjectAlreadyExist): select it, or choose another name`;
      throw new AppError('PROJECT_EXISTS', message, { project, vendorCode: 'ProjectAlreadyExist' });
    }
    return insertProject(connection, { project, region, description: '' }, nowMs);
  }
  // The default project is there for everybody, from its first use on.
  const ofProject = there === undefined && project === DEFAULT_PROJECT ? LOCAL_REGION : null;
  const projectRegion = there === undefined ? ofProject : textIn(there, 'region');
  if (projectRegion !== null && projectRegion !== region) {
    const message = `project ${project} is in region ${projectRegion}, and the gateway in ${region}: both must be in the same region`;
    throw new AppError('SESSION_LOG_REFUSED', message, { project, reason: 'project-region' });
  }
  return ofProject === null ? findProject(connection, project) : ensureProject(connection, project, nowMs);
}
