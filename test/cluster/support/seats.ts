import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { eventually } from './api';
import { currentRun } from './run';

/** Stories of one run that have clients at the same time: more of them would show how busy the machine is, and nothing else. */
const SEATS = 2;

/** Waits for a seat, and gives it back after something has happened. */
export async function seated<T>(happen: () => Promise<T>): Promise<T> {
  const seat = await eventually('a seat is free', 400, takeSeat, (taken) => taken !== undefined);
  try {
    return await happen();
  } finally {
    fs.rmdirSync(seat as string);
  }
}

/** Two processes cannot make the same directory. */
function takeSeat(): string | undefined {
  const seats = Array.from({ length: SEATS }, (_, index) => path.join(os.tmpdir(), `story-seat-${currentRun().suffix}-${index}`));
  return seats.find((seat) => {
    try {
      fs.mkdirSync(seat);
      return true;
    } catch {
      return false;
    }
  });
}
