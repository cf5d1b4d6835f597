import type { DeliveryCalls } from '../contract/delivery';
import { readDeliveryScript } from '../delivery/read-script';
import type { Database } from '../duckdb/database';
import { writeExport } from './export-service';

/** @throws AppError DELIVERY_INVALID for what no import would take; as `writeExport` */
export async function exportScript(
  database: Database,
  { script }: DeliveryCalls['delivery:export']['request'],
  signal: AbortSignal,
): Promise<DeliveryCalls['delivery:export']['reply']> {
  readDeliveryScript(script);
  return writeExport(database.workspaceDir, 'json', signal, async (output, file) => {
    await output.write(new TextEncoder().encode(`${JSON.stringify(script, null, 2)}\n`));
    return () => ({ file, bytes: output.writtenBytes });
  });
}
