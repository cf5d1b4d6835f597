/** How many packets, with the word. */
export const counted = (packets: number): string => `${packets} packet${packets === 1 ? '' : 's'}`;

/** What nobody reads in seconds; empty for what anybody does. */
export function inWords(sec: number): string {
  const [minutes, hours, days] = [Math.floor(sec / 60), Math.floor(sec / 3600), Math.floor(sec / 86_400)];
  if (hours === 0) return '';
  return days === 0 ? ` (${hours} h ${minutes % 60} min)` : ` (${days} ${days === 1 ? 'day' : 'days'} ${hours % 24} h)`;
}
