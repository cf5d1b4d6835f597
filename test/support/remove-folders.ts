import { afterAll } from 'vitest';
import { removeFoldersOfFile } from './temp';

// Made before those of a file, and so called after them.
afterAll(removeFoldersOfFile);
