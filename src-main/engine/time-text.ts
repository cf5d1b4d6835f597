/** @returns epoch seconds with nine digits behind the point, as `frame.time_epoch` prints them */
export function formatTime(sec: number, nsec: number): string {
  return `${sec}.${String(nsec).padStart(9, '0')}`;
}
