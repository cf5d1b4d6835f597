import { STORED_TYPES, type StoredType } from '../contract/logstore';
import { below, isObject, Problems } from './problems';
import { faultOfFieldName, UNWRITABLE_FIELDS } from './schema';

/** What somebody says of the fields of a file; the others are proposed. */
export interface GivenSchema {
  /** The field with the time of an entry; null to look for one. */
  readonly time: string | null;
  readonly fields: ReadonlyMap<string, StoredType>;
}

/**
 * Reads a schema file: `{ "time": "ts", "fields": { "status": "long" } }`.
 *
 * @throws AppError SCHEMA_INVALID that names path, value and rule of everything that is wrong
 */
export function readSchema(input: unknown): GivenSchema {
  const problems = new Problems('the schema');
  const fields = new Map<string, StoredType>();
  let time: string | null = null;
  if (!isObject(input)) problems.add('', input, 'must be an object, in braces');
  else {
    for (const key of Object.keys(input)) {
      if (key !== 'time' && key !== 'fields')
        problems.add(below('', key), input[key], 'has no known key; there are time, fields');
    }
    if (typeof input['time'] === 'string') time = input['time'];
    else if ('time' in input) problems.add('time', input['time'], 'must be the name of a field');
    const given = input['fields'] ?? {};
    if (!isObject(given)) problems.add('fields', given, 'must be an object of types by name');
    else for (const [name, type] of Object.entries(given)) readField(name, type, fields, problems);
  }
  problems.throwIfAny('SCHEMA_INVALID');
  return { time, fields };
}

function readField(name: string, input: unknown, fields: Map<string, StoredType>, problems: Problems): void {
  const path = below('fields', name);
  const fault =
    name === '__time__' || UNWRITABLE_FIELDS.includes(name) ? 'is a name of the vendor' : faultOfFieldName(name);
  if (fault !== null) problems.addMissing(path, fault);
  const type = STORED_TYPES.find((each) => each === input);
  if (type === undefined) problems.add(path, input, `must be one of ${STORED_TYPES.join(', ')}`);
  else fields.set(name, type);
}
