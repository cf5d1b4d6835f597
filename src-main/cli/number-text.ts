/** `16204100` as `16,204,100`; of whole numbers. The first `Intl.NumberFormat` costs a process 20 ms. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/gu, ',');
}

/** The count with its noun in the right number: `1 window`, `2 windows`, `3 log entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

/** A share of a whole with two decimals; never 0 for something, never 100 for less than all. */
export function share(part: number, whole: number): string {
  if (part === 0 || whole === 0) return part === whole && whole !== 0 ? '100.00 %' : '0.00 %';
  const percent = (100 * part) / whole;
  if (percent < 0.01) return '< 0.01 %';
  if (part < whole && percent > 99.99) return '> 99.99 %';
  return `${percent.toFixed(2)} %`;
}

/** Three digits and a decimal unit: `512 B`, `38.5 kB`, `1.07 GB`. */
export function humanBytes(bytes: number): string {
  return scaled(bytes, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

/** Three digits and a decimal unit: `812`, `38.5 k`, `1.42 M`. */
export function humanCount(count: number): string {
  return scaled(count, ['', 'k', 'M', 'G', 'T']).trimEnd();
}

function scaled(amount: number, units: readonly string[]): string {
  let value = amount;
  let step = 0;
  // What would be rounded to 1000 belongs to the next unit.
  while (value >= (step === 0 ? 1000 : 999.5) && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  const digits = step === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[step] ?? ''}`;
}

/** `0.4 s`, `38 s`, `24 min 21 s`, `2 h 04 min`. */
export function durationText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${thousands(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}
