/** Entries of one window, or of several that follow one another. */
export interface ArrivedBar {
  readonly startSec: number;
  readonly entries: number;
}

/** More are not told apart in the width of a page. */
const MOST_BARS = 240;

/** @returns bars in order of time, without gaps; of many windows as many that follow one another are one */
export function arrivedBars(arrived: ReadonlyMap<number, number>): readonly ArrivedBar[] {
  const windows = [...arrived].sort(([one], [other]) => one - other);
  const inOne = Math.max(1, Math.ceil(windows.length / MOST_BARS));
  const bars: ArrivedBar[] = [];
  for (let at = 0; at < windows.length; at += inOne) {
    const part = windows.slice(at, at + inOne);
    bars.push({ startSec: part[0]![0], entries: part.reduce((sum, [, entries]) => sum + entries, 0) });
  }
  return bars;
}

/** @returns the path of an SVG of 100 by as many units as there are bars */
export function barsPath(bars: readonly ArrivedBar[]): string {
  const most = Math.max(1, ...bars.map(({ entries }) => entries));
  return bars
    .map(({ entries }, index) => {
      const height = (100 * entries) / most;
      return `M${index + 0.1} 100V${(100 - height).toFixed(1)}h0.8V100Z`;
    })
    .join('');
}
