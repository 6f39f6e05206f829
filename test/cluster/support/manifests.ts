import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../lib/check';

const DIST = path.join(__dirname, '..', '..', '..', 'dist');

/** Clusters that have a folder of committed manifests. */
export function clusters(): string[] {
  return fs
    .readdirSync(DIST, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** Folder of a cluster's manifests. */
export function folderOf(cluster: string): string {
  return path.join(DIST, cluster);
}

/** File of one chart on a cluster. */
export function fileOf(cluster: string, chart: string): string {
  return path.join(folderOf(cluster), `${chart}.k8s.yaml`);
}

/** Objects in a manifest file, or in all those of a folder. */
export function objectsIn(fileOrFolder: string): KubeObject[] {
  const files = fs.statSync(fileOrFolder).isDirectory()
    ? fs.readdirSync(fileOrFolder).map((name) => path.join(fileOrFolder, name))
    : [fileOrFolder];
  return files.flatMap((file) => parseAllDocuments(fs.readFileSync(file, 'utf8')).map((document) => document.toJS() as KubeObject));
}

/** Name of an object that no other object of the cluster has. */
export function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  return [apiVersion, kind, metadata.namespace, metadata.name].filter(Boolean).join('/');
}
