/**
 * Ends of the names and paths that the volumes of one pod get: nothing for the first volume of its kind, a number for
 * others. Two models in the same volume share it, since a kubelet mounts a claim once in a pod.
 */
export class VolumeNames {
  private readonly taken = new Map<string, string[]>();

  /** @param volume what tells two volumes of the kind apart. */
  public suffix(kind: string, volume: string): string {
    const volumes = this.taken.get(kind) ?? [];
    if (!volumes.includes(volume)) volumes.push(volume);
    this.taken.set(kind, volumes);
    const index = volumes.indexOf(volume);
    return index === 0 ? '' : `-${index + 1}`;
  }
}
