import type { CaptureReport } from '../contract/capture-details';
import { DEFAULT_MAX_EXPANSION, type ImportProgress, type TunnelLayer } from '../contract/imports';
import { REASONS, REASON_CODE, type ByReason, type Reason } from '../contract/ledger';
import type { PacketBatch } from '../capture/packet-batch';
import { ADDRESS_CLASS, addressClasses, addressClassOf, isInside, type AddressClasses } from '../nat/address-classes';
import { formatIpv4 } from '../nat/address-text';
import { defaultGateway } from '../nat/gateway';
import { openFileSource } from './file-source';
import { HashedSource } from './hashed-source';
import { HostTable } from './host-table';
import { cancelledImport, importCaptures } from './import-captures';
import { isPipe, pipeSource } from './pipe-source';
import { UnpackedSource } from './unpack/unpacked-source';

const BUSIEST_HOSTS = 5;
/** What decoding alone finds; that IPv6 is not translated is the gateway's to say. */
const DECODING_REASONS: readonly Reason[] = ['unknown_link_type', 'malformed', 'l4_truncated', 'non_ip', 'encap_depth'];

export interface CaptureInfoOptions {
  /** Which IP header of a packet in a tunnel the gateway would see; the default is that of an import. */
  readonly layer?: TunnelLayer;
  readonly maxExpansion?: number;
  readonly isCancelled?: () => boolean;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/**
 * Reads one capture once, through the default gateway, and keeps nothing but what it is.
 *
 * @param path `-` is standard input
 * @throws AppError CAPTURE_* when it cannot be read at all; IMPORT_CANCELLED
 */
export async function readCaptureInfo(path: string, options: CaptureInfoOptions = {}): Promise<CaptureReport> {
  const { layer = 'auto', maxExpansion = DEFAULT_MAX_EXPANSION, isCancelled = () => false } = options;
  const stored = new HashedSource(isPipe(path) ? pipeSource(path) : openFileSource(path));
  const source = new UnpackedSource(stored, maxExpansion);
  try {
    const gateway = defaultGateway({ inside: [], eips: [], seed: 0 });
    const traffic = new InsideTraffic(addressClasses(gateway));
    const result = await importCaptures(
      [{ source: unclosed(source), firstSec: -Infinity, firstNsec: 0 }],
      {
        gateway,
        layer,
        isCancelled,
        onProgress: options.onProgress ?? (() => undefined),
        clockMs: () => performance.now(),
        onBatch: (batch) => {
          traffic.add(batch);
        },
      },
      { entries: () => undefined, events: () => undefined },
    );
    const sha256 = await stored.digest(isCancelled);
    if (isCancelled()) throw cancelledImport();
    const [details] = result.details;
    if (details === undefined) throw new RangeError(`${path} was not read`);
    const { packets, ipBytes } = result.ledger;
    return {
      path,
      storedBytes: stored.bytes,
      compression: source.packing,
      sha256,
      ...details,
      decoding: traffic.decoding(),
      insideHosts: traffic.hosts.size,
      outbound: { packets: traffic.packets, bytes: traffic.bytes },
      busiestHosts: traffic.hosts
        .busiest(BUSIEST_HOSTS)
        .map(({ address, ...counts }) => ({ address: formatIpv4(address), ...counts })),
      translated: { packets: packets.inEntries, bytes: ipBytes.inEntries },
      notTranslated: packets.notInEntries,
    };
  } finally {
    source.close();
  }
}

/** A source that stays open when the import closes it: what is behind the end of its octets is still to be read. */
function unclosed(source: UnpackedSource): ConstructorParameters<typeof HashedSource>[0] {
  return {
    name: source.name,
    sizeBytes: source.sizeBytes,
    read: (into) => source.read(into),
    get storedBytes() {
      return source.storedBytes;
    },
    get fault() {
      return source.fault;
    },
    close: () => undefined,
  };
}

/** What packets say before any gateway sees them: hosts behind it that address the Internet, and faults of decoding. */
class InsideTraffic {
  readonly hosts = new HostTable();
  packets = 0;
  bytes = 0;
  readonly #classes: AddressClasses;
  readonly #byReason = new Float64Array(REASONS.length + 1);

  constructor(classes: AddressClasses) {
    this.#classes = classes;
  }

  add({ length, reason, ipVersion, srcIp, dstIp, ipBytes }: PacketBatch): void {
    const classes = this.#classes;
    for (let row = 0; row < length; row++) {
      this.#byReason[reason[row]!]!++;
      if (ipVersion[row] !== 4) continue;
      const isOutbound =
        isInside(addressClassOf(classes, srcIp[row]!)) &&
        addressClassOf(classes, dstIp[row]!) === ADDRESS_CLASS.outside;
      if (!isOutbound) continue;
      this.packets++;
      this.bytes += ipBytes[row]!;
      this.hosts.add(srcIp[row]!, ipBytes[row]!);
    }
  }

  decoding(): ByReason {
    const counted = DECODING_REASONS.filter((reason) => this.#byReason[REASON_CODE[reason]]! > 0);
    return Object.fromEntries(counted.map((reason) => [reason, this.#byReason[REASON_CODE[reason]]!]));
  }
}
