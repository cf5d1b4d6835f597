/** Cases that a property is tried with; `npm run test:deep` asks for more. */
export const PROPERTY_RUNS = Number(process.env['NATSCOPE_PROPERTY_RUNS'] ?? 50);
