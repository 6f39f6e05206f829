export type { Batching } from './config-files';
export type { IModelPool, ModelPlacement, ModelPoolRequest } from './model-pool';
export { ServingProtocol, type TfServingModelProps } from './model-props';
export { type ClaimSourceOptions, type GcsSourceOptions, ModelSource } from './model-source';
export type { ServerFlags } from './server-flags';
export { type CustomServerImage, ServerImage } from './server-image';
export { TfServingModel } from './tf-serving-model';
