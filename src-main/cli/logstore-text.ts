import type { IndexReport, LogstoreReport, ProjectFacts, ShardFacts } from '../contract/logstore';
import { VENDOR_MAX_CONFIG_BYTES } from '../logstore/index-config';
import { counted, humanBytes, thousands } from './number-text';
import { tableText, type TableColumn } from './text-table';
import { rangeText } from './time-range-text';

const left = (header: string): TableColumn => ({ header, align: 'left' });
const right = (header: string): TableColumn => ({ header, align: 'right' });

export function projectsText(projects: readonly ProjectFacts[]): string {
  if (projects.length === 0)
    return 'There are no projects yet: an import creates one, and so does natscope project create.\n';
  return tableText(
    [left('project'), left('region'), right('logstores'), right('entries'), left('description')],
    projects.map(({ name, region, logstores, entries, description }) => [
      name,
      region,
      thousands(logstores),
      thousands(entries),
      description,
    ]),
  );
}

const retention = (ttlDays: number | null): string => (ttlDays === null ? 'off' : counted(ttlDays, 'day'));
const openShards = (shards: readonly ShardFacts[]): number =>
  shards.filter(({ status }) => status === 'readwrite').length;

export function logstoresText(logstores: readonly LogstoreReport[]): string {
  if (logstores.length === 0) {
    return 'There are no Logstores yet: an import creates one, and so does natscope logstore create.\n';
  }
  return tableText(
    [
      ...[left('project'), left('logstore'), left('schema'), right('entries'), right('size'), right('shards')],
      ...[left('retention'), left('index')],
    ],
    logstores.map(({ project, logstore, schema, entries, storedBytes, shards, ttlDays, hasIndex }) => [
      ...[project, logstore, schema, thousands(entries), humanBytes(storedBytes), thousands(openShards(shards))],
      ...[retention(ttlDays), hasIndex ? 'yes' : 'none'],
    ]),
  );
}

export function logstoreText(report: LogstoreReport): string {
  const { extent, fields, shards } = report;
  const facts = [
    ['Logstore', report.logstore],
    ['project', report.project],
    ['schema', report.schema],
    ['entries', thousands(report.entries)],
    ['size', `${humanBytes(report.storedBytes)} in the database file`],
    ['times', extent === null ? 'none' : rangeText({ fromSec: extent.firstSec, toSec: extent.lastSec }, 'UTC')],
    ['retention', retention(report.ttlDays)],
    ['shards', `${openShards(shards)} readwrite, ${shards.length - openShards(shards)} readonly`],
    ['index', report.hasIndex ? 'yes' : 'none: nothing can be queried; natscope index create-recommended makes one'],
  ];
  const lines = facts.map(([name = '', value = '']) => `${name.padEnd(10)} ${value}\n`);
  const table = tableText(
    [left('field'), left('type')],
    fields.map(({ name, type }) => [name, type]),
  );
  return `${lines.join('')}\n${fields.length === 0 ? 'It has no fields yet.\n' : table}`;
}

export function shardsText(shards: readonly ShardFacts[]): string {
  return tableText(
    [right('shard'), left('status'), left('begin'), left('end'), right('entries')],
    shards.map(({ id, status, beginKey, endKey, entries }) => [
      String(id),
      status,
      beginKey,
      endKey,
      thousands(entries),
    ]),
  );
}

/** What a change of the index means for the entries that are there. */
export function indexText({ logstore, config, olderEntries, unindexedEntries }: IndexReport): string {
  const state = config === null ? 'has no index: nothing new can be queried' : 'has an index';
  const lines = [`Logstore ${logstore} ${state}.`];
  if (unindexedEntries > 0) {
    lines.push(`${counted(unindexedEntries, 'entry', 'entries')} without an index cannot be found.`);
  }
  if (olderEntries > 0) {
    lines.push(`${counted(olderEntries, 'entry', 'entries')} are found as an earlier index says.`);
  }
  if (config !== null && unindexedEntries + olderEntries > 0) {
    lines.push('natscope index reindex applies the index to them, at once.');
  }
  const configBytes = config === null ? 0 : Buffer.byteLength(JSON.stringify(config));
  if (configBytes > VENDOR_MAX_CONFIG_BYTES) {
    lines.push(
      `Its configuration has ${humanBytes(configBytes)}, which the vendor would refuse: there, 64 KiB are the most.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

export const projectJson = ({ name, region, description, createdMs, logstores, entries }: ProjectFacts): object => ({
  name,
  region,
  description,
  created_ms: createdMs,
  logstores,
  entries,
});

/** In the vendor's words, and with the entries in it. @see sls-logstore.md §5.4 */
export const shardJson = ({ id, status, beginKey, endKey, createdMs, entries }: ShardFacts): object => ({
  shardID: id,
  status,
  inclusiveBeginKey: beginKey,
  exclusiveEndKey: endKey,
  createTime: Math.floor(createdMs / 1000),
  entries,
});

export const logstoreJson = (report: LogstoreReport): object => ({
  project: report.project,
  logstore: report.logstore,
  schema: report.schema,
  fields: report.fields,
  ttl_days: report.ttlDays,
  created_ms: report.createdMs,
  entries: report.entries,
  stored_bytes: report.storedBytes,
  first_time: report.extent?.firstSec ?? null,
  last_time: report.extent?.lastSec ?? null,
  shards: report.shards.map(shardJson),
  has_index: report.hasIndex,
});

export const indexJson = (report: IndexReport): object => ({
  project: report.project,
  logstore: report.logstore,
  config: report.config,
  updated_ms: report.updatedMs,
  older_entries: report.olderEntries,
  unindexed_entries: report.unindexedEntries,
});
