import { t } from '../../services/messages/catalogue';
import { byteText } from '../../services/number-format';
import { widthText, type ZoneClock } from '../../services/time-format';
import type { ByteSeries } from './bytes-statement';

/** The chart of bytes over time in one sentence; `binSec` is the width of its bins. */
export function bytesSummary(series: ByteSeries, binSec: number, clock: ZoneClock): string {
  const [first = { startSec: 0, fromVpc: 0, fromPub: 0 }] = series.bins;
  const top = series.bins.reduce(
    (best, bin) => (bin.fromVpc + bin.fromPub > best.fromVpc + best.fromPub ? bin : best),
    first,
  );
  return t.graph.summary(
    byteText(series.fromVpc),
    byteText(series.fromPub),
    byteText(top.fromVpc + top.fromPub),
    `${clock.date(top.startSec)} ${clock.time(top.startSec, top.startSec % 60 !== 0)}`,
    widthText(binSec),
  );
}
