export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowPlace {
  readonly bounds: Bounds;
  readonly isMaximized: boolean;
}

export const LEAST_SIZE = { width: 960, height: 600 } as const;
const USUAL_SIZE = { width: 1440, height: 900 } as const;
/** As much of a window must lie on one display, or it cannot be seen and moved. */
const LEAST_VISIBLE = { width: 200, height: 100 } as const;

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most));

function overlap(start: number, length: number, otherStart: number, otherLength: number): number {
  return Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart);
}

function isVisible(bounds: Bounds, area: Bounds): boolean {
  return (
    overlap(bounds.x, bounds.width, area.x, area.width) >= LEAST_VISIBLE.width &&
    overlap(bounds.y, bounds.height, area.y, area.height) >= LEAST_VISIBLE.height &&
    // By its title bar, which is at the top, a window is moved.
    bounds.y >= area.y
  );
}

/** Puts a window into an area, as large as it was where there is room. */
function fitInto(bounds: Bounds, area: Bounds): Bounds {
  const width = Math.min(Math.max(bounds.width, LEAST_SIZE.width), area.width);
  const height = Math.min(Math.max(bounds.height, LEAST_SIZE.height), area.height);
  return {
    x: clamp(bounds.x, area.x, area.x + area.width - width),
    y: clamp(bounds.y, area.y, area.y + area.height - height),
    width,
    height,
  };
}

function centred(area: Bounds): Bounds {
  const width = Math.min(USUAL_SIZE.width, area.width);
  const height = Math.min(USUAL_SIZE.height, area.height);
  return {
    x: area.x + Math.round((area.width - width) / 2),
    y: area.y + Math.round((area.height - height) / 2),
    width,
    height,
  };
}

/** How far apart the corners of two windows are, so that the title bar of each can be seen and taken. */
const STEP = 32;

function isApart(bounds: Bounds, other: Bounds): boolean {
  return Math.abs(bounds.x - other.x) >= STEP / 2 || Math.abs(bounds.y - other.y) >= STEP / 2;
}

/** Moves a window down and to the right, smaller where there is no room, until its corner is nobody else's. */
function besideOthers(bounds: Bounds, area: Bounds, taken: readonly Bounds[]): Bounds {
  for (let shift = 0; shift <= taken.length * STEP; shift += STEP) {
    const [x, y] = [bounds.x + shift, bounds.y + shift];
    const width = Math.min(bounds.width, area.x + area.width - x);
    const height = Math.min(bounds.height, area.y + area.height - y);
    if (width < LEAST_SIZE.width || height < LEAST_SIZE.height) break;
    const moved = { x, y, width, height };
    if (taken.every((other) => isApart(moved, other))) return moved;
  }
  return bounds;
}

/**
 * @param saved where the window was when it was last closed; null at the first start
 * @param areas of the displays without their task bars, the main one first; at least one
 * @param taken places of the windows that are open
 * @returns where it opens: within a display that is there now, and hiding no other window wherever there is room
 */
export function openingBounds(
  saved: Bounds | null,
  areas: readonly [Bounds, ...Bounds[]],
  taken: readonly Bounds[] = [],
): Bounds {
  const area = saved === null ? undefined : areas.find((each) => isVisible(saved, each));
  if (saved === null || area === undefined) return besideOthers(centred(areas[0]), areas[0], taken);
  return besideOthers(fitInto(saved, area), area, taken);
}
