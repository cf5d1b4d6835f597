import { grouped } from './words';

/** Captures that are played by the times of their packets. */
export const replay = {
  replay: {
    elsewhere: 'Played by another window or the command',
    at: 'Time of the packets',
    pause: 'Pause',
    resume: 'Go on',
    stop: 'Stop',
    pauseAll: 'Pause all',
    resumeAll: 'Go on with all',
    stopAll: 'Stop all',
    speed: 'Speed',
    speedOfAll: 'Speed of all',
    mixed: 'Different',
    times: (speed: number) => `${grouped(speed)}\u202f×`,
  },
};
