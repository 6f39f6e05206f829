/** GPUs of one kind that a machine can carry. */
export interface MachineGpus {
  /** Name under which the platform selects them. */
  readonly name: string;
  /** How many of them one machine may have: a single number where they are built in. */
  readonly counts: readonly number[];
  /** Memory of one of them in GiB, where the name alone does not tell. */
  readonly memoryGib?: number;
}

/** Data sheet of a virtual machine. */
export interface MachineType {
  /** Virtual CPUs. */
  readonly vcpus: number;
  /** Memory in MiB. */
  readonly memoryMib: number;
  /** Kinds of GPUs that are built in or can be attached; empty where none can. */
  readonly gpus: readonly MachineGpus[];
}

/** How many GPUs a machine has built in, or undefined where there are none or a choice. */
export function builtInGpus({ gpus }: MachineType): number | undefined {
  return gpus.length === 1 && gpus[0].counts.length === 1 ? gpus[0].counts[0] : undefined;
}

/** Machines with GPUs built in, by type: vCPUs, GiB, the GPU's name, how many, and the GiB of one where its name leaves that open. */
export function gpuMachines(rows: { [type: string]: readonly [vcpus: number, gib: number, gpu: string, count: number, gpuGib?: number] }): {
  [type: string]: MachineType;
} {
  return Object.fromEntries(
    Object.entries(rows).map(([type, [vcpus, gib, name, count, memoryGib]]) => [
      type,
      { vcpus, memoryMib: gib * 1024, gpus: [{ name, counts: [count], memoryGib }] },
    ]),
  );
}
