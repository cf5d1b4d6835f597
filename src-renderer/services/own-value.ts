/** What a record has of a name that somebody else chose, such as `constructor`: nothing that every object has. */
export function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
