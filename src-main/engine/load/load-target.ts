import { basename } from 'node:path';
import { AppError } from '../../contract/errors';
import { DEFAULT_LOGSTORE } from '../../contract/imports';
import type { LoadRequest, SchemaKind } from '../../contract/logstore';
import { numberIn, lookUpLogstore, readRows, type Logstore } from '../../duckdb/catalogue';
import type { Database } from '../../duckdb/database';
import type { FieldUpdate } from '../../duckdb/log-fields';
import { STATEMENTS } from '../../duckdb/statements';
import { checkLogstoreName } from '../../logstore/names';
import { commonLeaf } from '../../logstore/field-values';
import type { GivenSchema } from '../../logstore/read-schema';
import type { FieldHints, StoredField } from '../../logstore/schema';
import type { FilesSurvey, ProposedField } from './survey-files';

/** Where the entries of a load go. */
export interface LoadTarget {
  readonly name: string;
  readonly schema: SchemaKind;
  /** Null where it is to be made. */
  readonly existing: Logstore | null;
}

/** @throws AppError LOGSTORE_NAME_INVALID, LOGSTORE_MISMATCH, SCHEMA_INVALID */
export async function chooseTarget(database: Database, request: LoadRequest, survey: FilesSurvey): Promise<LoadTarget> {
  const { project, schema } = request;
  if (schema === 'session_log' && !survey.isSessionLog) {
    const missing = survey.missingOfSessionLog.join(', ');
    throw new AppError('SCHEMA_INVALID', `these are no session logs: no entry has ${missing}; leave out --schema`, {
      missing,
    });
  }
  const looksLike: SchemaKind = typeof schema === 'string' && survey.isSessionLog ? 'session_log' : 'custom';
  const name = request.logstore ?? proposedLogstore(looksLike, request.files[0] ?? '');
  checkLogstoreName(name);
  const existing = await find(database, project, name);
  if (existing === null || existing.schema === looksLike) return { name, schema: looksLike, existing };
  // A Logstore of any fields takes session logs as well, unless they are wanted as such.
  if (existing.schema === 'custom' && schema === 'auto') return { name, schema: 'custom', existing };
  const what =
    existing.schema === 'session_log'
      ? 'is for session logs, and these are none'
      : 'has fields of its own, and is not for session logs';
  throw new AppError('LOGSTORE_MISMATCH', `Logstore ${name} ${what}: load into another, with --logstore`, {
    project,
    logstore: name,
    schema: existing.schema,
  });
}

function find(database: Database, project: string, name: string): Promise<Logstore | null> {
  return database.withConnection(async (connection) => {
    const [owner] = await readRows(connection, STATEMENTS.findProject, [project]);
    return owner === undefined ? null : lookUpLogstore(connection, numberIn(owner, 'id'), { project, name });
  });
}

/** @returns where entries go that no Logstore is named for */
export function proposedLogstore(schema: SchemaKind, path: string): string {
  return schema === 'session_log' ? DEFAULT_LOGSTORE : nameOf(path);
}

/** `/logs/Access Log.ndjson.gz` as `access-log`. */
function nameOf(path: string): string {
  const [stem = ''] = basename(path).toLowerCase().split('.');
  const name = stem
    .replace(/[^a-z0-9_]+/gu, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/gu, '')
    .slice(0, 60);
  return name.length < 2 ? 'loaded' : name.replace(/[^a-z0-9]+$/u, '');
}

/**
 * The fields of a Logstore with what files add to them. A field keeps the type that it has.
 *
 * @throws AppError LOGSTORE_MISMATCH when a type was said that is another than that of a field that is there
 */
export function mergeFields(
  existing: readonly StoredField[],
  proposed: readonly ProposedField[],
  given: GivenSchema,
): readonly FieldUpdate[] {
  const known = new Map(existing.map((field) => [field.name, field]));
  return proposed.map(({ name, type, hints }) => {
    const before = known.get(name);
    if (before === undefined) return { name, type, hints };
    const said = given.fields.get(name);
    if (said !== undefined && said !== before.type) {
      const message =
        `field ${name} is stored as ${before.type} since it was first loaded, and cannot become ${said}: ` +
        'the index can type it otherwise, or another Logstore be loaded, with --logstore';
      throw new AppError('LOGSTORE_MISMATCH', message, { field: name, stored: before.type, given: said });
    }
    // Whoever says that they are addresses wants them searched as such, whatever else there is.
    const isMixed = before.type === 'ipv4' && type !== 'ipv4' && said === undefined;
    return { name, type: before.type, hints: mergeHints(before.hints, isMixed ? { ...hints, isMixed } : hints) };
  });
}

function mergeHints(before: FieldHints, now: FieldHints): FieldHints {
  const leaves = new Map(Object.entries(before.leaves ?? {}));
  for (const [path, type] of Object.entries(now.leaves ?? {})) {
    const other = leaves.get(path);
    leaves.set(path, other === undefined ? type : commonLeaf(other, type));
  }
  return {
    ...(before.isMixed === true || now.isMixed === true ? { isMixed: true } : {}),
    ...(before.hasMisfits === true || now.hasMisfits === true ? { hasMisfits: true } : {}),
    ...(before.isAddress === true && now.isAddress === true ? { isAddress: true } : {}),
    ...(leaves.size === 0 ? {} : { leaves: Object.fromEntries(leaves) }),
  };
}
