import { readFileSync } from 'node:fs';
import { parquetMetadata, parquetReadObjects, type FileMetaData } from 'hyparquet';
import { ZSTDDecoder } from 'zstddec';

/** A Parquet file as a reader that is not ours has it. */
export interface ReadParquet {
  readonly names: readonly string[];
  /** Rows as arrays; times are microseconds since 1970, decimals the integers that they are stored as. */
  readonly rows: readonly (readonly unknown[])[];
  /** What the columns are packed with. */
  readonly codecs: ReadonlySet<string>;
  readonly metadata: FileMetaData;
}

/** The first octets of a frame. @see RFC 8878 §3.1.1 */
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** Reads a whole file by hyparquet, which is only given the decompressor of zstd: it has no other but that of snappy. */
export async function readParquet(path: string): Promise<ReadParquet> {
  const octets = new Uint8Array(readFileSync(path));
  const buffer = octets.buffer;
  const zstd = new ZSTDDecoder();
  await zstd.init();
  const metadata = withPlainDecimals(parquetMetadata(buffer));
  const objects = await parquetReadObjects({
    file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
    metadata,
    compressors: {
      ZSTD: (packed, bytes) => {
        if (ZSTD_MAGIC.some((octet, at) => packed[at] !== octet)) throw new Error(`${path} has a page that is no zstd`);
        return zstd.decode(packed, bytes);
      },
    },
    parsers: { timestampFromMicroseconds: (micros: bigint) => micros },
  });
  const names = metadata.row_groups[0]?.columns.map(({ meta_data }) => meta_data?.path_in_schema[0] ?? '') ?? [];
  const columns = [...new Set(names)];
  return {
    names: columns,
    rows: objects.map((row) => columns.map((name) => plain(row[name]))),
    codecs: new Set(
      metadata.row_groups.flatMap(({ columns: all }) => all.map(({ meta_data }) => meta_data?.codec ?? '')),
    ),
    metadata,
  };
}

/** Decimals would be read as doubles: without their type, they are the octets that they are. */
function withPlainDecimals(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    if (element.converted_type !== 'DECIMAL') return element;
    const { converted_type: _decimal, logical_type: _logical, ...plainElement } = element;
    return plainElement;
  });
  return { ...metadata, schema };
}

/** An integer of sixteen octets is two's complement, the highest first. */
function plain(value: unknown): unknown {
  if (!(value instanceof Uint8Array) || value.length !== 16) return value;
  return BigInt.asIntN(128, BigInt(`0x${Buffer.from(value).toString('hex')}`));
}
