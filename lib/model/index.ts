export type { Batching } from './files/batching';
export type { ServerFlags } from './flags/server-flags';
export type { IModelPool, ModelPlacement, ModelPoolRequest } from './model-pool';
export { ServingProtocol, type TfServingModelProps } from './model-props';
export { type CustomServerImage, ServerImage } from './server/server-image';
export type { ClaimSourceOptions } from './source/claim';
export type { GcsSourceOptions } from './source/gcs';
export { ModelSource } from './source/model-source';
export { TfServingModel } from './tf-serving-model';
