export type { Batching } from './files/batching';
export type { PerModelBatching } from './files/per-model-batching';
export { JitLevel, type SessionConfig } from './files/session-config';
export type { LoadingFlags } from './flags/loading-flags';
export type { NetworkFlags } from './flags/network-flags';
export type { RuntimeFlags } from './flags/runtime-flags';
export type { ServerFlags } from './flags/server-flags';

export { ServingProtocol, type TfServingModelProps } from './model-props';
export { type CustomServerImage, ServerImage, type ServerReferenceOptions } from './server/server-image';
export type { ServerTls } from './server/server-tls';
export type { ModelOptions } from './serving/model-options';
export type { IModelPool, ModelPlacement, ModelPoolRequest } from './serving/model-pool';
export type { ClaimSourceOptions } from './source/claim';
export type { GcsSourceOptions } from './source/gcs';
export { ModelSource } from './source/model-source';
export { TfServingModel } from './tf-serving-model';
