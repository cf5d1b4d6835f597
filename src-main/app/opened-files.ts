/**
 * What captures, packed or not, and files of log entries are usually called; their content decides what they are. `pcap0` is of
 * tcpdump's rotation.
 */
export const OPENED_ENDINGS = [
  ...['pcap', 'pcapng', 'cap', 'dmp', 'pcap0', 'snoop', 'erf', 'gz', 'zst', 'lz4', 'xz'],
  ...['csv', 'tsv', 'json', 'ndjson', 'jsonl', 'parquet', 'log', 'txt'],
];
